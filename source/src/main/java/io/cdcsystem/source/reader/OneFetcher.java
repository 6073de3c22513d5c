package io.cdcsystem.source.reader;

import io.cdcsystem.source.split.CdcSplit;
import java.util.function.Supplier;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.source.reader.fetcher.SingleThreadFetcherManager;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;

/**
 * Keeps the one fetcher, and with it the database connection, while it waits for the next chunk: Flink's own would close
 * an idle one, and connect anew for every chunk. Task thread only.
 */
final class OneFetcher extends SingleThreadFetcherManager<ReadBatch, CdcSplit> {
    private boolean moreSplits = true;

    OneFetcher(Supplier<SplitReader<ReadBatch, CdcSplit>> splitReader, Configuration configuration) {
        super(splitReader, configuration);
    }

    /** From now on an idle fetcher may go. */
    void noMoreSplits() {
        moreSplits = false;
    }

    @Override
    public boolean maybeShutdownFinishedFetchers() {
        return !moreSplits && super.maybeShutdownFinishedFetchers();
    }
}
