package io.cdcsystem.source.reader;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.VersionAdmitted;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.ConfirmAt;
import io.cdcsystem.source.LogEnd;
import io.cdcsystem.source.Samples;
import io.cdcsystem.source.SchemaGateConfig;
import io.cdcsystem.source.ScriptedAuthority;
import io.cdcsystem.source.ScriptedDatabase;
import io.cdcsystem.source.SnapshotConfig;
import io.cdcsystem.source.SourceConfig;
import io.cdcsystem.source.protocol.ReaderReport;
import io.cdcsystem.source.protocol.SchemaReply;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.SnapshotSplit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;
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
        final Map<String, Gauge<?>> gauges = new HashMap<>();
        int requests;

        @Override
        public SourceReaderMetricGroup metricGroup() {
            return InternalSourceReaderMetricGroup.mock(new UnregisteredMetricsGroup() {
                @Override
                public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
                    gauges.put(name, gauge);
                    return gauge;
                }
            });
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
            if (!(event instanceof VersionAdmitted)) {
                ids.add(Samples.id(event));
            }
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
                ScriptedDatabase.TABLES.get(0),
                0,
                Samples.range(-1, 9),
                null,
                null,
                Samples.generation(1),
                "snapshot-1");
        FinishedChunk finished = new FinishedChunk(split.table().id(), 1, 0, 10);
        CdcSourceReader reader =
                CdcSourceReader.create(SourceConfig.of(new ScriptedDatabase.Config(NAME), LogEnd.NEVER), context);
        try {
            reader.start();
            reader.addSplits(List.of(split));
            assertThat(reader.snapshotState(1)).containsExactly(split);

            Awaitility.await().pollInSameThread().atMost(Duration.ofMinutes(2)).until(() -> {
                reader.pollNext(output);
                return !context.sent.isEmpty();
            });

            assertThat(output.ids).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
            assertThat(context.sent).singleElement().satisfies(report -> {
                ReaderReport.ChunkFinished done = (ReaderReport.ChunkFinished) report;
                assertThat(done.chunk()).isEqualTo(finished);
                assertThat(done.bytes()).isEqualTo(10 * (Integer.BYTES + Integer.BYTES));
            });
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

    @Test
    void a_reader_that_holds_at_the_end_says_so_when_all_before_it_is_emitted_and_polls_no_more() throws Exception {
        ScriptedDatabase.Script script = ScriptedDatabase.script(NAME, 20, 8);
        Context context = new Context();
        Output output = new Output();
        LogSplit split = new LogSplit(
                Samples.EPOCH,
                Samples.token(0),
                0,
                List.of(new CapturedTable(ScriptedDatabase.TABLES.get(0), Samples.generation(1))),
                List.of(),
                Samples.token(5));
        CdcSourceReader reader =
                CdcSourceReader.create(SourceConfig.of(new ScriptedDatabase.Config(NAME), LogEnd.HOLD), context);
        try {
            reader.start();
            Gauge<?> reached = context.gauges.get(CdcSourceReader.LOG_END_REACHED);
            assertThat(reached.getValue()).isEqualTo(0);
            reader.addSplits(List.of(split));
            Awaitility.await()
                    .pollInSameThread()
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> {
                        reader.pollNext(output);
                        return reached.getValue().equals(1) || output.ids.size() > 10;
                    });

            assertThat(output.ids).hasSize(10);
            Awaitility.await()
                    .during(Duration.ofMillis(700))
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> script.polls.get() == 5);
            assertThat(reader.snapshotState(1))
                    .containsExactly(
                            new LogSplit(split.epoch(), Samples.token(5), 0, split.tables(), List.of(), split.end()));
            reader.notifyCheckpointComplete(1);
            assertThat(script.confirmed).containsExactly(5);
        } finally {
            reader.close();
        }
    }

    @Test
    @Tag("E3")
    void beyond_the_backlog_s_bound_the_log_is_not_read_until_the_ruling_comes() throws Exception {
        ScriptedDatabase.Script script = ScriptedDatabase.script(NAME, 20, 200);
        script.alteredAt = 2;
        Context context = new Context();
        Output output = new Output();
        LogSplit split = new LogSplit(
                Samples.EPOCH,
                Samples.token(0),
                0,
                ScriptedDatabase.TABLES.stream()
                        .map(table -> new CapturedTable(table, null))
                        .toList(),
                List.of(),
                null);
        SourceConfig config = new SourceConfig(
                new ScriptedDatabase.Config(NAME),
                SnapshotConfig.DEFAULT,
                LogEnd.NEVER,
                ConfirmAt.COMPLETION,
                1 << 20,
                null,
                new SchemaGateConfig(new ScriptedAuthority.Config(NAME), SchemaGateConfig.Scope.TABLE, 1_000));
        CdcSourceReader reader = CdcSourceReader.create(config, context);
        try {
            reader.start();
            ScriptedDatabase.TABLES.forEach(table ->
                    reader.handleSourceEvents(new SchemaReply.Known(table, new Admission.Publish(table, 1, 2))));
            reader.addSplits(List.of(split));
            // Long enough for all of it, were the log still read.
            Awaitility.await()
                    .pollInSameThread()
                    .pollInterval(Duration.ofMillis(1))
                    .during(Duration.ofMillis(700))
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> {
                        reader.pollNext(output);
                        return context.sent.size() == 1 && script.polls.get() > 10;
                    });
            assertThat(script.polls.get()).isLessThan(100);
            assertThat(output.ids).doesNotContain(24).contains(20, 23, 25);
            LogSplit waiting = (LogSplit) reader.snapshotState(1).get(0);
            assertThat(waiting.boundary()).isEqualTo(Samples.token(2));
            assertThat(waiting.handedOver()).isNotNull();
            reader.notifyCheckpointComplete(1);
            assertThat(script.confirmed).containsExactly(2);

            ReaderReport.VersionAsked asked = (ReaderReport.VersionAsked) context.sent.get(0);
            TableSchema after = Objects.requireNonNull(asked.change().after());
            reader.handleSourceEvents(
                    new SchemaReply.Ruled(asked.change(), asked.position(), new Admission.Publish(after, 3, 4)));
            Awaitility.await()
                    .pollInSameThread()
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> {
                        reader.pollNext(output);
                        return output.ids.size() == 400;
                    });
            assertThat(output.ids).doesNotHaveDuplicates();
            assertThat(reader.snapshotState(2)).singleElement().isInstanceOfSatisfying(LogSplit.class, done -> {
                assertThat(done.boundary()).isEqualTo(Samples.token(200));
                assertThat(done.handedOver()).isNull();
            });
        } finally {
            reader.close();
        }
    }
}
