package io.cdcsystem.source.reader;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.source.LogEnd;
import io.cdcsystem.source.Samples;
import io.cdcsystem.source.ScriptedDatabase;
import io.cdcsystem.source.SourceConfig;
import io.cdcsystem.source.enumerator.ChunkFinishedEvent;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.SnapshotSplit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.UserCodeClassLoader;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S6")
class CdcSourceReaderTest {
    private static final String NAME = "reader-test";

    /** Records what the reader sends. */
    private static final class Context implements SourceReaderContext {
        final List<Object> sent = new ArrayList<>();
        int requests;

        @Override
        public SourceReaderMetricGroup metricGroup() {
            return UnregisteredMetricsGroup.createSourceReaderMetricGroup();
        }

        @Override
        public Configuration getConfiguration() {
            return new Configuration();
        }

        @Override
        public String getLocalHostName() {
            return "host";
        }

        @Override
        public int getIndexOfSubtask() {
            return 0;
        }

        @Override
        public void sendSplitRequest() {
            requests++;
        }

        @Override
        public void sendSourceEventToCoordinator(org.apache.flink.api.connector.source.SourceEvent event) {
            sent.add(event);
        }

        @Override
        public UserCodeClassLoader getUserCodeClassLoader() {
            throw new UnsupportedOperationException("no class is loaded");
        }
    }

    /** Counts what is emitted. */
    private static final class Output implements ReaderOutput<SourceEvent> {
        final List<Integer> ids = new ArrayList<>();

        @Override
        public void collect(SourceEvent event) {
            ids.add(Samples.id(event));
        }

        @Override
        public void collect(SourceEvent event, long timestamp) {
            collect(event);
        }

        @Override
        public void emitWatermark(Watermark watermark) {}

        @Override
        public void markIdle() {}

        @Override
        public void markActive() {}

        @Override
        public SourceOutput<SourceEvent> createOutputForSplit(String splitId) {
            return this;
        }

        @Override
        public void releaseOutputForSplit(String splitId) {}
    }

    @Test
    @Tag("S2")
    void a_finished_chunk_is_reported_and_stays_in_the_state_until_a_checkpoint_holds_it() throws Exception {
        ScriptedDatabase.script(NAME, 20, 0).snapshots.add("snapshot-1");
        Context context = new Context();
        Output output = new Output();
        SnapshotSplit split = new SnapshotSplit(
                ScriptedDatabase.TABLES.get(0), 0, Samples.range(-1, 9), Samples.generation(1), "snapshot-1");
        FinishedChunk finished = new FinishedChunk(split.table().id(), 1, 0, 10);
        CdcSourceReader reader =
                CdcSourceReader.create(SourceConfig.of(new ScriptedDatabase.Config(NAME), LogEnd.NEVER), context);
        try {
            reader.start();
            reader.addSplits(List.of(split));
            assertThat(reader.snapshotState(1)).containsExactly(split);

            Awaitility.await().pollInSameThread().atMost(Duration.ofSeconds(20)).until(() -> {
                reader.pollNext(output);
                return !context.sent.isEmpty();
            });

            assertThat(output.ids).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
            assertThat(context.sent).containsExactly(new ChunkFinishedEvent(finished));
            assertThat(context.requests).isEqualTo(3);
            reader.notifyCheckpointComplete(1);
            assertThat(reader.snapshotState(2)).containsExactly(finished);
            assertThat(reader.snapshotState(3)).containsExactly(finished);
            reader.notifyCheckpointComplete(2);
            assertThat(reader.snapshotState(4)).isEmpty();
        } finally {
            reader.close();
        }
    }
}
