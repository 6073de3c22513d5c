package io.cdcsystem.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.VersionAdmitted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole source on Flink's own runtime in this process, with a scripted database behind it. */
@Tag("S6")
class CdcSourceFailoverTest {
    private static final int ROWS = 200;
    private static final int TRANSACTIONS = 50;
    private static final int EVENTS_MAX = 100_000;

    /** Names each event, and fails once. */
    private static final class FailingOnce extends RichMapFunction<SourceEvent, String> {
        private static final long serialVersionUID = 1L;
        private static final Map<String, AtomicBoolean> FAILED = new ConcurrentHashMap<>();

        private final String script;
        private final String failAt;

        FailingOnce(String script, String failAt) {
            this.script = script;
            this.failAt = failAt;
            FAILED.put(script, new AtomicBoolean(failAt.isEmpty()));
        }

        @Override
        public String map(SourceEvent event) {
            String name = event.table().id().name() + Samples.id(event);
            if (name.equals(failAt)
                    && Objects.requireNonNull(FAILED.get(script)).compareAndSet(false, true)) {
                throw new IllegalStateException("the test fails the job at " + name);
            }
            return name;
        }
    }

    @ParameterizedTest(name = "failing at [{0}]")
    @ValueSource(strings = {"", "a0", "a260"})
    @Tag("S2")
    void every_row_and_change_arrives_once_through_a_failover(String failAt) throws Exception {
        String name = "failover-" + failAt;
        ScriptedDatabase.Script script = ScriptedDatabase.script(name, ROWS, TRANSACTIONS);
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        env.enableCheckpointing(100);
        SourceConfig config = new SourceConfig(
                new ScriptedDatabase.Config(name),
                SnapshotConfig.ofChunkSize(7),
                LogEnd.FINISH,
                ConfirmAt.COMPLETION,
                1 << 20,
                null,
                null);

        List<String> arrived = env.fromSource(new CdcSource(config), WatermarkStrategy.noWatermarks(), "source")
                .filter(event -> !(event instanceof VersionAdmitted))
                .map(new FailingOnce(name, failAt))
                .returns(Types.STRING)
                .executeAndCollect(EVENTS_MAX);

        List<String> expected = new ArrayList<>();
        IntStream.range(0, ROWS).forEach(id -> expected.addAll(List.of("a" + id, "b" + id)));
        IntStream.range(ROWS, ROWS + 2 * TRANSACTIONS).forEach(id -> expected.add("a" + id));
        // Chunks are read again as a whole, which deduplication behind the source undoes: here once per key is enough.
        assertThat(Set.copyOf(arrived)).containsExactlyInAnyOrderElementsOf(expected);
        List<String> changes = arrived.stream()
                .filter(event -> event.startsWith("a") && Integer.parseInt(event.substring(1)) >= ROWS)
                .toList();
        assertThat(changes).as("changes in order, each once").isEqualTo(expected.subList(2 * ROWS, expected.size()));
        assertThat(FailingOnce.FAILED.get(name)).isTrue();
        assertThat(script.confirmed).isSorted();
        assertThat(script.calls).contains("start", "close 1").doesNotContain("generation 2");
    }
}
