package io.cdcsystem.job.config;

import java.util.Objects;

/**
 * One thing that is wrong with a pipeline file.
 *
 * @param path the key's full path, for example {@code sink.topic.partitions}; empty for the file as a whole
 * @param line its line in the file, counted from 1; 0 where the key is absent
 * @param message what is wrong and what to write instead
 */
public record ConfigProblem(String path, int line, String message) {

    /** Rejects missing parts. */
    public ConfigProblem {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(message, "message");
    }

    @Override
    public String toString() {
        String where = path.isEmpty() ? "file" : path;
        return where + (line > 0 ? " (line " + line + ")" : "") + ": " + message;
    }
}
