package io.cdcsystem.source.reader;

import io.cdcsystem.source.split.CdcSplit;

/** The mutable twin of a split while it is read. Task thread only. */
sealed interface SplitState permits ChunkState, LogState {

    /** The split as a checkpoint keeps it. */
    CdcSplit toSplit();
}
