package io.cdcsystem.job.config;

/**
 * A key that a pipeline file may hold.
 *
 * @param path its full path
 * @param type how its value is written
 * @param defaultText its default as written in the reference; {@code required} where there is none
 */
record ConfigKey(String path, String type, String defaultText) {
    static final String REQUIRED = "required";
}
