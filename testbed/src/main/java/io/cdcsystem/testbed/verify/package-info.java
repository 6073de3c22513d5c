/**
 * Compares what stands in the topics with what happened in the database: row by row, and change by change against the
 * audit.
 *
 * <p>Knows the envelope as a consumer does, through its JSON form; uses none of the code under test. Single-threaded.
 */
@NullMarked
package io.cdcsystem.testbed.verify;

import org.jspecify.annotations.NullMarked;
