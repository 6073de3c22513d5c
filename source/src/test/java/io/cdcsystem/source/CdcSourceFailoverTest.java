package io.cdcsystem.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.authority.Ruling;
import io.cdcsystem.schema.change.ChangeOrigin;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.VersionAdmitted;
import io.cdcsystem.schema.table.TableSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
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

    /** Keeps announcements from the rest, and fails where an event comes without. */
    private static final class AnnouncedOnly implements FilterFunction<SourceEvent> {
        private static final long serialVersionUID = 1L;
        private final Set<TableSchema> announced = new HashSet<>();

        @Override
        public boolean filter(SourceEvent event) {
            if (event instanceof VersionAdmitted) {
                if (!announced.add(event.table())) {
                    throw new IllegalStateException("announced twice: " + event);
                }
                return false;
            }
            if (!announced.contains(event.table())) {
                throw new IllegalStateException("not announced: " + event);
            }
            return true;
        }
    }

    @ParameterizedTest(name = "failing at [{0}]")
    @ValueSource(strings = {"", "a0", "a260"})
    @Tag("S2")
    void every_row_and_change_arrives_once_through_a_failover(String failAt) throws Exception {
        String name = "failover-" + failAt;
        ScriptedDatabase.Script script = ScriptedDatabase.script(name, ROWS, TRANSACTIONS);
        SourceConfig config = config(name, null);

        List<String> arrived = run(config, name, failAt);

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

    @ParameterizedTest(name = "failing at [{0}]")
    @ValueSource(strings = {"", "b281"})
    @Tag("E3")
    void a_table_that_waits_for_a_decision_loses_nothing_through_a_failover_while_others_go_on(String failAt)
            throws Exception {
        String name = "gate-failover-" + failAt;
        ScriptedDatabase.Script script = ScriptedDatabase.script(name, ROWS, TRANSACTIONS);
        script.alteredAt = 20;
        script.stopsAt = 40;
        AtomicInteger refusals = new AtomicInteger();
        ScriptedAuthority.Script authority = ScriptedAuthority.script(name);
        authority.answer = request -> {
            if (request.change().origin() == ChangeOrigin.SNAPSHOT) {
                return ScriptedAuthority.admitted(request);
            }
            // Some checkpoints complete while the table waits; then the log goes on, and the job may fail.
            int refused = refusals.incrementAndGet();
            if (refused == 6) {
                script.stopsAt = Integer.MAX_VALUE;
            }
            boolean decided = refused > 8
                    && Objects.requireNonNull(FailingOnce.FAILED.get(name)).get();
            return decided ? ScriptedAuthority.admitted(request) : new Ruling.Pending("the test has not decided");
        };

        List<String> arrived =
                run(config(name, ScriptedAuthority.gate(name, SchemaGateConfig.Scope.TABLE)), name, failAt);

        List<String> ofA = new ArrayList<>();
        List<String> ofB = new ArrayList<>();
        IntStream.range(0, TRANSACTIONS).forEach(transaction -> {
            int id = ROWS + 2 * transaction;
            ofA.add("a" + id);
            (transaction < 20 ? ofA : ofB).add((transaction < 20 ? "a" : "b") + (id + 1));
        });
        assertThat(changes(arrived, "a")).isEqualTo(ofA);
        assertThat(changes(arrived, "b")).isEqualTo(ofB);
        assertThat(arrived.indexOf("b" + (ROWS + 2 * 25 + 1)))
                .as("the other table went on meanwhile")
                .isLessThan(arrived.indexOf("a" + (ROWS + 2 * 20)));
        assertThat(script.confirmed).isSorted();
        if (!failAt.isEmpty()) {
            assertThat(script.calls)
                    .as("the log is read again from where the table waits")
                    .contains("verify 20");
        }
        // It is closed on its own thread, which the job's end does not wait for.
        Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> authority.closed.get() > 0);
    }

    private static List<String> changes(List<String> arrived, String table) {
        return arrived.stream()
                .filter(event -> event.startsWith(table) && Integer.parseInt(event.substring(1)) >= ROWS)
                .toList();
    }

    private static SourceConfig config(String name, @Nullable SchemaGateConfig gate) {
        return new SourceConfig(
                new ScriptedDatabase.Config(name),
                SnapshotConfig.ofChunkSize(7),
                LogEnd.FINISH,
                ConfirmAt.COMPLETION,
                1 << 20,
                null,
                gate);
    }

    private static List<String> run(SourceConfig config, String name, String failAt) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        env.enableCheckpointing(100);
        return env.fromSource(new CdcSource(config), WatermarkStrategy.noWatermarks(), "source")
                .filter(new AnnouncedOnly())
                .map(new FailingOnce(name, failAt))
                .returns(Types.STRING)
                .executeAndCollect(EVENTS_MAX);
    }
}
