/**
 * Hands out the work: plans chunks, assigns them, and the log once all are read.
 *
 * <p>{@code SplitAssigner} decides and is pure; {@code CdcEnumerator} adapts it to Flink. Everything runs on the
 * coordinator's thread, except the calls to the database, which run on its one I/O thread. Depends on {@code split} and
 * {@code database}, never on {@code reader} beyond the event it sends.
 */
@NullMarked
package io.cdcsystem.source.enumerator;

import org.jspecify.annotations.NullMarked;
