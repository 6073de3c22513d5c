package io.cdcsystem.source.split;

import org.apache.flink.api.connector.source.SourceSplit;

/** A unit of work of a reader: one snapshot chunk, or the log; or the record of a chunk that is done. */
public sealed interface CdcSplit extends SourceSplit permits SnapshotSplit, LogSplit, FinishedChunk {}
