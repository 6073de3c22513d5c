/**
 * Reads splits in a task: the fetcher thread blocks on the database ({@code CdcSplitReader}), the task's thread emits
 * ({@code CdcRecordEmitter}) and owns the state ({@code CdcSourceReader}).
 *
 * <p>Before an event is emitted its table version has to be admitted ({@code LogGate}); what waits for that is read again after a
 * failure ({@code LogReplay}).
 *
 * <p>Depends on {@code split}, {@code database} and {@code protocol} only.
 */
@NullMarked
package io.cdcsystem.source.reader;

import org.jspecify.annotations.NullMarked;
