package io.cdcsystem.source.reader;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.Samples;
import io.cdcsystem.source.SchemaGateConfig;
import io.cdcsystem.source.protocol.ReaderReport;
import io.cdcsystem.source.protocol.SchemaReply;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.CdcSplitSerializer;
import io.cdcsystem.source.split.HandedOver;
import io.cdcsystem.source.split.LogSplit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Histories made at random, read through a gate whose rulings come when they will, with failures in between that throw back
 * to a checkpoint: what comes out is what a reader without a gate gives, table by table.
 */
@Tag("E3")
@Tag("S6")
class LogGateSimulationTest {
    private static final int SEEDS = 1_500;
    private static final int TRANSACTIONS = 14;

    private record Checkpoint(LogSplit split, List<SourceEvent> output) {}

    private record Asked(TableChange change, Position position) {}

    /** One seed's run. */
    private static final class Run implements GateOutput {
        final Random random;
        final SchemaGateConfig config;
        final LogHistory history;
        final List<SourceEvent> output = new ArrayList<>();
        final List<Asked> open = new ArrayList<>();
        /** Whatever was ruled on, in any attempt. */
        final Set<Asked> ruled = new HashSet<>();

        final Map<TableSchema, Admission> admitted = new HashMap<>();
        VersionAdmissions admissions = new VersionAdmissions(true);
        LogState log;
        int next;
        Checkpoint checkpoint;
        boolean everWaited;

        Run(long seed, SchemaGateConfig.Scope scope) {
            random = new Random(seed);
            config = new SchemaGateConfig(
                    () -> {
                        throw new UnsupportedOperationException("the test rules");
                    },
                    scope,
                    1_000);
            history = new LogHistory(random, TRANSACTIONS);
            LogSplit split = new LogSplit(
                    Samples.EPOCH,
                    Samples.token(0),
                    0,
                    Stream.of(Samples.table("a"), Samples.table("b"), LogHistory.STEADY)
                            .map(table -> new CapturedTable(table, null))
                            .toList(),
                    List.of(),
                    null);
            checkpoint = new Checkpoint(split, List.of());
            admitted.put(LogHistory.STEADY, new Admission.Publish(LogHistory.STEADY, 1, 2));
            begin();
        }

        @Override
        public void handOver(SourceEvent event) {
            output.add(event);
        }

        @Override
        public void report(ReaderReport report) {
            ReaderReport.VersionAsked question = (ReaderReport.VersionAsked) report;
            Asked asked = new Asked(question.change(), question.position());
            assertThat(open).as("asked once").doesNotContain(asked);
            open.add(asked);
        }

        void begin() {
            open.clear();
            admissions = new VersionAdmissions(true);
            // The enumerator tells some of what it knows with the log.
            admitted.forEach((table, admission) -> {
                if (table.equals(LogHistory.STEADY) || random.nextBoolean()) {
                    admissions.admit(table, admission);
                }
            });
            LogSplit split = checkpoint.split();
            log = new LogState(split, new LogGate(admissions, config, split.handedOver()));
            next = history.indexOf(Samples.number(split.boundary()), split.changesAfter());
            output.clear();
            output.addAll(checkpoint.output());
        }

        void step() throws Exception {
            int what = random.nextInt(20);
            if (what < 9) {
                read();
            } else if (what < 15) {
                rule();
            } else if (what < 19) {
                check();
            } else {
                begin();
            }
        }

        void read() {
            if (next == history.items.size() || log.gate().isFull()) {
                return;
            }
            int to = next + 1 + random.nextInt(Math.min(6, history.items.size() - next));
            var batch = history.batch(next, to);
            log.gate().read(batch, log.point(), this);
            log.advance(batch);
            next = to;
            everWaited |= !open.isEmpty();
            if (config.scope() == SchemaGateConfig.Scope.TABLE) {
                long read = history.items.subList(0, next).stream()
                        .map(LogHistory.Item::event)
                        .filter(event -> event != null && isSteady(event))
                        .count();
                assertThat(output.stream().filter(Run::isSteady).count())
                        .as("a table that need not wait does not")
                        .isGreaterThanOrEqualTo(read);
            }
        }

        static boolean isSteady(SourceEvent event) {
            return event.table().id().equals(LogHistory.STEADY.id());
        }

        void rule() {
            if (open.isEmpty()) {
                return;
            }
            Asked asked = open.remove(random.nextInt(open.size()));
            ruled.add(asked);
            TableSchema after = asked.change().after();
            Admission admission = after == null ? null : new Admission.Publish(after, 1, 2);
            if (after != null) {
                admitted.put(after, Objects.requireNonNull(admission));
            }
            log.gate().ruled(new SchemaReply.Ruled(asked.change(), asked.position(), admission), this);
        }

        void check() throws Exception {
            CdcSplitSerializer serializer = new CdcSplitSerializer();
            LogSplit split = (LogSplit) serializer.deserialize(3, serializer.serialize(log.toSplit()));
            checkpoint = new Checkpoint(split, List.copyOf(output));
        }

        /** Every change of the table before the event was ruled on. */
        void everyRulingCameFirst() {
            for (SourceEvent event : output) {
                for (LogHistory.Item item : history.items) {
                    if (item.event() != null && item.event().equals(event)) {
                        break;
                    }
                    TableChange change = item.change();
                    if (change != null
                            && Waiting.Change.tables(change)
                                    .contains(event.table().id())) {
                        Position position = new Position(1, 0x1000 + item.transaction(), item.ordinal());
                        assertThat(ruled).contains(new Asked(change, position));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatever_happens_each_table_s_events_come_once_and_in_order(SchemaGateConfig.Scope scope) throws Exception {
        int waited = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Run run = new Run(seed, scope);
            for (int i = 0; i < 120; i++) {
                run.step();
                run.everyRulingCameFirst();
            }
            while (run.next < run.history.items.size() || !run.open.isEmpty()) {
                run.rule();
                run.read();
            }
            List<SourceEvent> expected = run.history.items.stream()
                    .map(LogHistory.Item::event)
                    .filter(Objects::nonNull)
                    .toList();
            if (scope == SchemaGateConfig.Scope.PIPELINE) {
                assertThat(run.output).as("seed " + seed).isEqualTo(expected);
            } else {
                assertThat(byTable(run.output)).as("seed " + seed).isEqualTo(byTable(expected));
            }
            HandedOver handedOver = run.log.toSplit().handedOver();
            Position later = new Position(1, 0x1000 + TRANSACTIONS, 0);
            assertThat(handedOver == null
                            || !handedOver.contains(Samples.table("a").id(), later))
                    .as("seed " + seed)
                    .isTrue();
            assertThat(run.log.toSplit().boundary()).as("seed " + seed).isEqualTo(Samples.token(TRANSACTIONS));
            waited += run.everWaited ? 1 : 0;
        }
        assertThat(waited).as("runs in which anything waited").isGreaterThan(SEEDS / 2);
    }

    private static Map<String, List<SourceEvent>> byTable(List<SourceEvent> events) {
        Map<String, List<SourceEvent>> tables = new HashMap<>();
        events.forEach(event -> tables.computeIfAbsent(event.table().id().name(), name -> new ArrayList<>())
                .add(event));
        return tables;
    }
}
