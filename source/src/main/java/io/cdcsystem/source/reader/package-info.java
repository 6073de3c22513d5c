/**
 * Reads splits in a task: the fetcher thread blocks on the database ({@code CdcSplitReader}), the task's thread emits
 * ({@code CdcRecordEmitter}) and owns the state ({@code CdcSourceReader}).
 *
 * <p>Depends on {@code split} and {@code database} only.
 */
@NullMarked
package io.cdcsystem.source.reader;

import org.jspecify.annotations.NullMarked;
