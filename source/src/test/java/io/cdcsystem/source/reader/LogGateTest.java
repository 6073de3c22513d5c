package io.cdcsystem.source.reader;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.change.ChangeOrigin;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.event.SnapshotCompleted;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.Samples;
import io.cdcsystem.source.SchemaGateConfig;
import io.cdcsystem.source.ScriptedAuthority;
import io.cdcsystem.source.database.DefinitionChange;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.protocol.LogRequest;
import io.cdcsystem.source.protocol.ReaderReport;
import io.cdcsystem.source.protocol.ReaderReport.VersionAsked;
import io.cdcsystem.source.protocol.SchemaReply;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.HandedOver;
import io.cdcsystem.source.split.LogSplit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("E3")
class LogGateTest {
    private static final TableSchema A = Samples.table("a");
    private static final TableSchema A2 = Samples.altered(A, "name");
    private static final TableSchema B = Samples.table("b");
    private static final TableSchema C = Samples.table("c");
    private static final long BACKLOG_BYTES_MAX = 300;

    /** Names what passes, in order. */
    private static final class Output implements GateOutput {
        final List<String> passed = new ArrayList<>();
        final List<VersionAsked> asked = new ArrayList<>();
        final List<ReaderReport> reports = new ArrayList<>();

        @Override
        public void handOver(SourceEvent event) {
            passed.add(
                    event instanceof SnapshotCompleted
                            ? "swept " + event.table().id().name()
                            : event.table().id().name() + Samples.id(event));
        }

        @Override
        public void report(ReaderReport report) {
            if (report instanceof VersionAsked question) {
                asked.add(question);
            } else {
                reports.add(report);
            }
        }

        List<String> take() {
            List<String> taken = List.copyOf(passed);
            passed.clear();
            return taken;
        }
    }

    private final Output output = new Output();
    private VersionAdmissions admissions = new VersionAdmissions(true);
    private LogState log = begin(SchemaGateConfig.Scope.TABLE, split(null), A, B);

    private static LogSplit split(@Nullable HandedOver handedOver) {
        return new LogSplit(
                Samples.EPOCH,
                Samples.token(1),
                0,
                List.of(new CapturedTable(A, null), new CapturedTable(B, null)),
                List.of(),
                null,
                handedOver);
    }

    private LogState begin(SchemaGateConfig.Scope scope, LogSplit split, TableSchema... known) {
        admissions = new VersionAdmissions(true);
        for (TableSchema table : known) {
            admissions.admit(table, new Admission.Publish(table, 1, 2));
        }
        SchemaGateConfig config = new SchemaGateConfig(new ScriptedAuthority.Config("none"), scope, BACKLOG_BYTES_MAX);
        return new LogState(split, new LogGate(admissions, config, split.handedOver()));
    }

    private void read(int transaction, List<SourceEvent> events, DefinitionChange... changes) {
        List<TableSchema> versions = new ArrayList<>();
        for (DefinitionChange change : changes) {
            if (change.change().after() != null) {
                versions.add(change.change().after());
            }
        }
        LogBatch batch = new LogBatch(events, Samples.token(transaction + 1), 0, versions, List.of(changes), List.of());
        log.gate().read(batch, log.point(), output);
        log.advance(batch);
    }

    private static DefinitionChange change(
            int index, int transaction, @Nullable TableSchema before, @Nullable TableSchema after) {
        return new DefinitionChange(
                index,
                new TableChange(before, after, Map.of(), false, ChangeOrigin.DDL, null),
                at(transaction, index),
                new TransactionInfo(1, 2, 0, 3));
    }

    private static Position at(int transaction, int ordinal) {
        return new Position(1, 0x1000 + transaction, ordinal);
    }

    private static SourceEvent row(TableSchema table, int id, int transaction, int ordinal) {
        return Samples.created(table, id, transaction, ordinal);
    }

    /** Answers the oldest question. */
    private void rule() {
        VersionAsked question = output.asked.remove(0);
        TableSchema after = question.change().after();
        log.gate()
                .ruled(
                        new SchemaReply.Ruled(
                                question.change(),
                                question.position(),
                                after == null ? null : new Admission.Publish(after, 1, 2)),
                        output);
    }

    @Test
    void from_a_change_on_its_table_waits_and_the_others_go_on() {
        read(1, List.of(row(A, 1, 1, 0), row(B, 2, 1, 1), row(A2, 3, 1, 2), row(B, 4, 1, 3)), change(2, 1, A, A2));
        assertThat(output.take()).containsExactly("a1", "b2", "b4");
        assertThat(output.asked).singleElement().satisfies(question -> {
            assertThat(question.change().after()).isEqualTo(A2);
            assertThat(question.position()).isEqualTo(at(1, 2));
        });
        read(2, List.of(row(A2, 5, 2, 0), row(B, 6, 2, 1)));
        assertThat(output.take()).containsExactly("b6");

        assertThat(log.toSplit())
                .isEqualTo(new LogSplit(
                        Samples.EPOCH,
                        Samples.token(1),
                        0,
                        List.of(new CapturedTable(A, null), new CapturedTable(B, null)),
                        List.of(),
                        null,
                        new HandedOver(at(2, 2), Map.of(A.id(), at(1, 2)))));

        rule();
        assertThat(output.take()).containsExactly("a3", "a5");
        assertThat(log.toSplit())
                .isEqualTo(new LogSplit(
                        Samples.EPOCH,
                        Samples.token(3),
                        0,
                        List.of(new CapturedTable(A2, null), new CapturedTable(B, null)),
                        List.of(),
                        null));
    }

    @Test
    void after_a_restart_comes_what_waited_and_nothing_of_the_rest() {
        read(1, List.of(row(A, 1, 1, 0), row(A2, 3, 1, 1), row(B, 4, 1, 2)), change(1, 1, A, A2));
        read(2, List.of(row(A2, 5, 2, 0), row(B, 6, 2, 1)));
        output.take();
        output.asked.clear();

        log = begin(SchemaGateConfig.Scope.TABLE, log.toSplit(), A, B);
        read(1, List.of(row(A, 1, 1, 0), row(A2, 3, 1, 1), row(B, 4, 1, 2)), change(1, 1, A, A2));
        assertThat(output.take()).isEmpty();
        assertThat(output.asked).hasSize(1);
        assertThat(log.toSplit().handedOver())
                .as("also of what was not read again yet")
                .isEqualTo(new HandedOver(at(2, 2), Map.of(A.id(), at(1, 1))));
        rule();
        assertThat(output.take()).containsExactly("a3");
        assertThat(log.toSplit().boundary()).isEqualTo(Samples.token(2));
        assertThat(log.toSplit().handedOver()).isEqualTo(new HandedOver(at(2, 2), Map.of(A.id(), at(1, 3))));
        read(2, List.of(row(A2, 5, 2, 0), row(B, 6, 2, 1), row(B, 7, 2, 2)));
        assertThat(output.take()).containsExactly("a5", "b7");
        assertThat(log.toSplit().handedOver()).isNull();
    }

    @Test
    void a_change_without_rows_waits_and_so_does_a_second_one_behind_it() {
        TableSchema third = Samples.altered(A2, "more");
        read(1, List.of(row(B, 1, 1, 0)), change(1, 1, A, A2), change(1, 1, A2, third));
        assertThat(output.asked).hasSize(1);
        read(2, List.of(row(third, 2, 2, 0)));
        assertThat(log.toSplit().handedOver()).isEqualTo(new HandedOver(at(2, 1), Map.of(A.id(), at(1, 1))));
        rule();
        assertThat(output.asked)
                .singleElement()
                .satisfies(question -> assertThat(question.change().after()).isEqualTo(third));
        assertThat(output.take()).containsExactly("b1");
        rule();
        assertThat(output.take()).containsExactly("a2");
    }

    @Test
    void an_unknown_version_is_asked_for_though_no_change_led_to_it() {
        read(1, List.of(row(C, 1, 1, 0), row(C, 2, 1, 1)));
        assertThat(output.asked)
                .containsExactly(new VersionAsked(
                        TableChange.first(C, ChangeOrigin.SNAPSHOT),
                        at(1, 0),
                        row(C, 1, 1, 0).transaction()));
        rule();
        assertThat(output.take()).containsExactly("c1", "c2");
        TableSchema equal = Samples.table("c");
        read(2, List.of(row(equal, 3, 2, 0)));
        assertThat(output.take()).as("equal versions are one").containsExactly("c3");
    }

    @Test
    void a_dropped_table_waits_until_the_drop_was_ruled_on() {
        read(1, List.of(row(C, 9, 1, 0)), change(0, 1, A, null), change(1, 1, null, A));
        assertThat(output.asked.get(0).change().after()).isNull();
        read(2, List.of(row(A, 1, 2, 0)));
        assertThat(output.take()).isEmpty();
        rule();
        rule();
        assertThat(output.take()).containsExactly("c9");
        rule();
        assertThat(output.take()).containsExactly("a1");
    }

    @Test
    void a_renamed_table_waits_under_both_names() {
        TableSchema renamed = new TableSchema(new TableId("app", "public", "d"), A.columns(), A.primaryKey());
        read(1, List.of(row(renamed, 1, 1, 0), row(B, 2, 1, 1)), change(0, 1, A, renamed));
        assertThat(output.take()).containsExactly("b2");
        HandedOver handedOver = log.toSplit().handedOver();
        assertThat(handedOver).isNotNull().satisfies(present -> assertThat(present.waiting())
                .containsOnlyKeys(A.id(), renamed.id()));
        rule();
        assertThat(output.take()).containsExactly("d1");
    }

    @Test
    void a_drop_that_was_found_is_not_taken_for_known_where_it_is_found_earlier_the_second_time() {
        DefinitionChange found = new DefinitionChange(
                0,
                new TableChange(A, null, Map.of(), false, ChangeOrigin.INFERRED, null),
                at(7, 0),
                new TransactionInfo(1, 2, 0, 3));
        read(1, List.of(row(B, 1, 1, 0)));
        read(2, List.of(), found);
        read(3, List.of(row(A, 2, 3, 0)));
        output.take();
        output.asked.clear();

        log = begin(SchemaGateConfig.Scope.TABLE, log.toSplit(), A, B);
        DefinitionChange earlier = new DefinitionChange(0, found.change(), at(1, 5), found.transaction());
        read(2, List.of(), earlier);
        assertThat(output.asked).hasSize(1);
        read(3, List.of(row(A, 2, 3, 0)));
        rule();
        assertThat(output.take()).containsExactly("a2");
    }

    @Test
    void in_the_pipeline_s_scope_everything_behind_a_change_waits_and_the_log_is_not_read() {
        log = begin(SchemaGateConfig.Scope.PIPELINE, split(null), A, B);
        read(1, List.of(row(B, 1, 1, 0), row(B, 2, 1, 1), row(A2, 3, 1, 2)), change(1, 1, A, A2));
        assertThat(output.take()).containsExactly("b1");
        assertThat(log.gate().isFull()).isTrue();
        rule();
        assertThat(output.take()).containsExactly("b2", "a3");
        assertThat(log.gate().isFull()).isFalse();
    }

    @Test
    void a_backlog_beyond_its_bound_stops_reading_until_it_may_go() {
        read(1, List.of(row(A2, 1, 1, 0)), change(0, 1, A, A2));
        assertThat(log.gate().isFull()).isFalse();
        for (int i = 2; i < 6; i++) {
            read(i, List.of(row(A2, i, i, 0)));
        }
        assertThat(log.gate().isFull()).isTrue();
        rule();
        assertThat(log.gate().isFull()).isFalse();
        assertThat(output.take()).containsExactly("a1", "a2", "a3", "a4", "a5");
    }

    @Test
    void a_sweep_and_the_end_come_behind_what_waits() {
        read(1, List.of(row(A2, 1, 1, 0)), change(0, 1, A, A2));
        SnapshotCompleted completed = new SnapshotCompleted(
                A, Samples.generation(1).position(), new TransactionInfo(0, 1, 0, 1), 1, Samples.generation(1));
        LogRequest.SweepTable request = new LogRequest.SweepTable(A, Samples.generation(1), Samples.token(1));
        log.gate().sweep(new ReadBatch.Swept(request, completed), output);
        log.gate().end(output);
        assertThat(output.passed).isEmpty();
        assertThat(output.reports).isEmpty();
        rule();
        assertThat(output.take()).containsExactly("a1", "swept a");
        assertThat(output.reports)
                .containsExactly(new ReaderReport.TableSwept(A.id(), 1), new ReaderReport.LogEndReached());
    }

    @Test
    void what_waits_of_a_table_that_is_captured_no_more_is_let_fall() {
        read(1, List.of(row(A2, 1, 1, 0), row(C, 2, 1, 1)), change(0, 1, A, A2));
        Set<TableId> gone = log.capture(List.of(new CapturedTable(B, null), new CapturedTable(C, null)));
        assertThat(gone).containsExactly(A.id());
        log.gate().forget(gone, output);
        VersionAsked question = output.asked.remove(0);
        assertThat(output.reports)
                .containsExactly(new ReaderReport.VersionWithdrawn(question.change(), question.position()));
        rule();
        assertThat(output.take()).containsExactly("c2");
        assertThat(log.toSplit().handedOver()).isNull();
    }

    @Test
    void a_table_that_is_captured_no_more_does_not_wait_again_with_the_rest_of_a_transaction() {
        read(1, List.of(row(A2, 1, 1, 0)), change(0, 1, A, A2));
        log.gate().forget(log.capture(List.of(new CapturedTable(B, null))), output);
        output.asked.clear();
        read(1, List.of(row(A2, 2, 1, 1), row(B, 3, 1, 2)), change(0, 1, A, A2));
        assertThat(output.asked).isEmpty();
        assertThat(output.take()).containsExactly("b3");
        assertThat(log.toSplit().handedOver()).isNull();

        log.capture(List.of(new CapturedTable(A, null), new CapturedTable(B, null)));
        read(2, List.of(row(A, 4, 2, 0)));
        assertThat(output.take()).containsExactly("a4");
    }

    @Test
    void a_renamed_table_stays_until_its_new_name_is_asked_for_and_goes_with_its_old_one() {
        TableSchema renamed = Samples.table("d");
        TableSchema again = Samples.table("e");
        CapturedTable a = new CapturedTable(A, null);
        CapturedTable b = new CapturedTable(B, null);
        read(1, List.of(row(again, 1, 1, 0)), change(0, 1, A, renamed), change(0, 1, renamed, again));
        assertThat(log.capture(List.of(a, b))).isEmpty();
        assertThat(log.capture(List.of(a, b, new CapturedTable(renamed, null), new CapturedTable(again, null))))
                .isEmpty();
        rule();
        rule();
        assertThat(output.take()).containsExactly("e1");
        assertThat(log.toSplit().tables())
                .extracting(CapturedTable::schema)
                .containsExactlyInAnyOrder(A, B, renamed, again);
        assertThat(log.capture(List.of(a, b))).as("known by now").containsExactlyInAnyOrder(renamed.id(), again.id());

        TableSchema other = Samples.table("f");
        read(2, List.of(row(other, 2, 2, 0)), change(0, 2, B, other));
        assertThat(log.capture(List.of(a))).containsExactlyInAnyOrder(B.id(), other.id());
    }

    @Test
    void a_ruling_that_nothing_waits_for_changes_nothing() {
        log.gate()
                .ruled(
                        new SchemaReply.Ruled(TableChange.inferred(A, A2), at(1, 1), new Admission.Publish(A2, 1, 2)),
                        output);
        assertThat(output.passed).isEmpty();
        read(1, List.of(row(A2, 1, 1, 0)));
        assertThat(output.take()).containsExactly("a1");
    }

    @Test
    void a_version_is_announced_once_and_again_where_it_is_published_otherwise() {
        assertThat(admissions.announce(A)).isEqualTo(new Admission.Publish(A, 1, 2));
        assertThat(admissions.announce(Samples.table("a"))).isNull();
        admissions.admit(A, new Admission.Publish(A, 1, 2));
        assertThat(admissions.announce(A)).isNull();
        admissions.admit(A, new Admission.DeadLetter("rejected"));
        assertThat(admissions.announce(A)).isEqualTo(new Admission.DeadLetter("rejected"));
    }
}
