/**
 * Asks a Flink cluster about a pipeline through its REST API, and says what it heard as values.
 *
 * <p>Blocking calls on the caller's thread. Depends on the JDK's HTTP client and Jackson, and for the names of metrics on
 * {@code source.enumerator} and {@code source.reader}.
 */
@NullMarked
package io.cdcsystem.job.rest;

import org.jspecify.annotations.NullMarked;
