package io.cdcsystem.source.reader;

import io.cdcsystem.source.SourceConfig;
import io.cdcsystem.source.database.Database;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.LogSplit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.source.reader.fetcher.SplitFetcher;
import org.apache.flink.connector.base.source.reader.fetcher.SplitFetcherManager;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;

/**
 * One fetcher for chunks and one for the log, each with its own thread and connections, so that tables are read again
 * while the log goes on. Both are kept while they wait: Flink's own managers would close an idle one, and connect anew for
 * every chunk. Task thread only.
 */
final class ChunkAndLogFetchers extends SplitFetcherManager<ReadBatch, CdcSplit> {
    private enum Kind {
        CHUNKS,
        LOG
    }

    private final Map<Kind, Integer> ids = new EnumMap<>(Kind.class);
    private final List<Database> databases;
    private boolean moreSplits = true;

    private ChunkAndLogFetchers(
            Supplier<SplitReader<ReadBatch, CdcSplit>> splitReader,
            List<Database> databases,
            Configuration configuration) {
        super(splitReader, configuration);
        this.databases = databases;
    }

    static ChunkAndLogFetchers create(SourceConfig config, OpenLog log, Configuration configuration) {
        List<Database> databases = new CopyOnWriteArrayList<>();
        return new ChunkAndLogFetchers(
                () -> {
                    Database database = config.database().open();
                    databases.add(database);
                    return new CdcSplitReader(database, config, log);
                },
                databases,
                configuration);
    }

    /** A fetcher that waits for the database would otherwise be waited for until a timeout. */
    @Override
    public synchronized void close(long timeoutMs) throws Exception {
        databases.forEach(Database::abort);
        super.close(timeoutMs);
    }

    @Override
    public void addSplits(List<CdcSplit> splits) {
        List<CdcSplit> logs = splits.stream().filter(LogSplit.class::isInstance).toList();
        List<CdcSplit> chunks = new ArrayList<>(splits);
        chunks.removeAll(logs);
        add(Kind.LOG, logs);
        add(Kind.CHUNKS, chunks);
    }

    private void add(Kind kind, List<CdcSplit> splits) {
        if (splits.isEmpty()) {
            return;
        }
        Integer known = ids.get(kind);
        SplitFetcher<ReadBatch, CdcSplit> running = known == null ? null : fetchers.get(known);
        if (running != null) {
            running.addSplits(splits);
            return;
        }
        SplitFetcher<ReadBatch, CdcSplit> created = createSplitFetcher();
        ids.put(kind, created.fetcherId());
        created.addSplits(splits);
        startFetcher(created);
    }

    @Override
    public void removeSplits(List<CdcSplit> splits) {
        throw new UnsupportedOperationException("splits are never taken away from a reader: " + splits);
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
