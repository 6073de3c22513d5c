package io.cdcsystem.source.split;

import org.apache.flink.api.connector.source.SourceSplit;

/** A unit of work of a reader: one snapshot chunk, or the log. */
public sealed interface CdcSplit extends SourceSplit permits SnapshotSplit, LogSplit {}
