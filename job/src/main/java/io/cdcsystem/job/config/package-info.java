/**
 * The pipeline file: its keys, its checks, and the values they become.
 *
 * <p>Reading is single-threaded; the resulting records are immutable. Depends on Jackson's YAML parser and on the
 * configuration values of the other modules, not on Flink's runtime.
 */
@NullMarked
package io.cdcsystem.job.config;

import org.jspecify.annotations.NullMarked;
