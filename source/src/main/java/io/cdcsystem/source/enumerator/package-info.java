/**
 * Hands out the work: plans chunks, assigns them, the log once all are read, and further chunks beside it.
 *
 * <p>{@code SplitAssigner} decides and is pure, with {@code CapturedTables} and {@code TableWork} as its parts;
 * {@code CdcEnumerator} adapts it to Flink, with one helper for each matter: {@code CaptureBeginning},
 * {@code SnapshotSessions}, {@code TableJoins}, {@code SignalDesk}, {@code LogLine}. Everything runs on the coordinator's
 * thread, except the calls to the database, which run on its one I/O thread. Depends on {@code split}, {@code protocol},
 * {@code signal} and {@code database}, never on {@code reader}.
 */
@NullMarked
package io.cdcsystem.source.enumerator;

import org.jspecify.annotations.NullMarked;
