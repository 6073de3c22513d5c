package io.cdcsystem.source.reader;

import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.ResumeToken;
import java.util.List;

/**
 * A place between two batches of the log, from which it can be read.
 *
 * @param number counts the batches before it, in this attempt
 * @param boundary the last transaction boundary before it
 * @param changesAfter changes of the transaction behind the boundary that stand before it
 * @param tables what is captured, with the versions in force there
 */
record LogPoint(long number, ResumeToken boundary, long changesAfter, List<CapturedTable> tables) {}
