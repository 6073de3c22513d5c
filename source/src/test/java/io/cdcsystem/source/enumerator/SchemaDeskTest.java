package io.cdcsystem.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.authority.Ruling;
import io.cdcsystem.schema.authority.VersionRequest;
import io.cdcsystem.schema.change.ChangeOrigin;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.Samples;
import io.cdcsystem.source.protocol.ReaderReport.VersionAsked;
import io.cdcsystem.source.protocol.ReaderReport.VersionWithdrawn;
import io.cdcsystem.source.protocol.SchemaReply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("E3")
class SchemaDeskTest {
    private static final TableSchema FIRST = Samples.table("a");
    private static final TableSchema SECOND = Samples.altered(FIRST, "name");
    private static final Position GENERATION = Samples.generation(1).position();
    private static final TransactionInfo TRANSACTION = new TransactionInfo(1, 2, 0, 3);

    /** Keeps the questions until the test answers. */
    private static final class Calls implements AuthorityCalls {
        final List<Call> open = new ArrayList<>();
        final List<Long> delays = new ArrayList<>();
        boolean closed;

        record Call(VersionRequest request, Consumer<Ruling> then, Consumer<RuntimeException> otherwise) {}

        @Override
        public void ask(
                VersionRequest request, long delayMillis, Consumer<Ruling> then, Consumer<RuntimeException> otherwise) {
            open.add(new Call(request, then, otherwise));
            delays.add(delayMillis);
        }

        void answer(Ruling ruling) {
            open.remove(0).then().accept(ruling);
        }

        void fail(ErrorCode code) {
            open.remove(0).otherwise().accept(new CdcException(code, "the test"));
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private final Calls calls = new Calls();
    private final FakeContext context = new FakeContext(2);
    private int afterwards;
    private SchemaDesk desk = desk(List.of());

    private SchemaDesk desk(List<AdmittedVersion> stored) {
        return new SchemaDesk(context, calls, new AdmittedVersions(stored, Map.of()), () -> afterwards++);
    }

    private static Admission publish(TableSchema table) {
        return new Admission.Publish(table, 3, 4);
    }

    private static Ruling admitted(TableSchema table) {
        return new Ruling.Admitted(publish(table));
    }

    private static VersionAsked asked(@Nullable TableSchema before, @Nullable TableSchema after, int ordinal) {
        TableChange change = new TableChange(before, after, Map.of(), false, ChangeOrigin.DDL, "alter");
        return new VersionAsked(change, new Position(1, 0x1000, ordinal), TRANSACTION);
    }

    private static SchemaReply.Ruled reply(VersionAsked asked, @Nullable Admission admission) {
        return new SchemaReply.Ruled(asked.change(), asked.position(), admission);
    }

    @BeforeEach
    void readers() {
        context.register(0, List.of());
        context.register(1, List.of());
    }

    @Test
    void a_version_is_asked_for_once_and_then_told_to_each_reader_once() {
        assertThat(desk.admits(FIRST, GENERATION)).isFalse();
        assertThat(desk.admits(FIRST, GENERATION)).isFalse();
        assertThat(calls.open).hasSize(1);
        VersionRequest request = calls.open.get(0).request();
        assertThat(request)
                .isEqualTo(new VersionRequest(
                        TableChange.first(FIRST, ChangeOrigin.SNAPSHOT), List.of(), GENERATION, null));

        calls.answer(admitted(FIRST));

        assertThat(afterwards).isEqualTo(1);
        assertThat(desk.admits(FIRST, GENERATION)).isTrue();
        desk.tell(0, FIRST);
        desk.tell(0, FIRST);
        desk.tell(1, FIRST);
        SchemaReply.Known known = new SchemaReply.Known(FIRST, publish(FIRST));
        assertThat(context.sent).isEqualTo(Map.of(0, List.of(known), 1, List.of(known)));
        desk.failed(0);
        desk.tell(0, FIRST);
        assertThat(context.sent.get(0)).containsExactly(known, known);
    }

    @Test
    void what_is_admitted_by_the_state_needs_no_authority() {
        VersionAsked question = asked(FIRST, SECOND, 4);
        desk = desk(List.of(
                new AdmittedVersion(FIRST, publish(FIRST), GENERATION),
                new AdmittedVersion(SECOND, publish(SECOND), question.position())));

        assertThat(desk.admits(FIRST, GENERATION)).isTrue();
        desk.asked(0, question);

        assertThat(calls.open).isEmpty();
        assertThat(context.sent.get(0)).isEqualTo(List.of(reply(question, publish(SECOND))));
    }

    @Test
    void a_reader_is_told_again_of_a_version_that_is_admitted_in_another_way() {
        desk = desk(List.of(
                new AdmittedVersion(FIRST, publish(FIRST), GENERATION),
                new AdmittedVersion(SECOND, publish(SECOND), GENERATION)));
        desk.tell(0, FIRST);
        desk.asked(1, asked(SECOND, FIRST, 4));
        Admission otherwise = new Admission.DeadLetter("rejected");
        calls.answer(new Ruling.Admitted(otherwise));

        desk.tell(0, FIRST);
        desk.tell(0, FIRST);

        assertThat(context.sent.get(0))
                .containsExactly(new SchemaReply.Known(FIRST, publish(FIRST)), new SchemaReply.Known(FIRST, otherwise));
    }

    @Test
    void a_change_is_asked_about_with_what_was_published_before_and_answered_to_who_asked() {
        desk = desk(List.of(new AdmittedVersion(FIRST, publish(FIRST), GENERATION)));
        VersionAsked question = asked(FIRST, SECOND, 4);

        desk.asked(1, question);
        assertThat(calls.open.get(0).request())
                .isEqualTo(new VersionRequest(
                        question.change(), List.of(FIRST), question.position(), question.transaction()));
        calls.answer(admitted(SECOND));

        assertThat(context.sent).isEqualTo(Map.of(1, List.of(reply(question, publish(SECOND)))));
        assertThat(desk.admitted().all()).extracting(AdmittedVersion::table).containsExactly(FIRST, SECOND);
    }

    @Test
    void a_change_back_is_a_change_unless_it_is_read_again() {
        desk = desk(List.of(new AdmittedVersion(FIRST, publish(FIRST), GENERATION)));
        VersionAsked there = asked(FIRST, SECOND, 4);
        VersionAsked back = asked(SECOND, FIRST, 6);
        desk.asked(0, there);
        calls.answer(admitted(SECOND));

        desk.asked(0, back);
        assertThat(calls.open).hasSize(1);
        assertThat(calls.open.get(0).request().published()).containsExactly(FIRST, SECOND);
        calls.answer(admitted(FIRST));
        assertThat(desk.admitted().all()).extracting(AdmittedVersion::table).containsExactly(SECOND, FIRST);

        desk.asked(0, there);
        desk.asked(0, back);
        assertThat(calls.open).isEmpty();
        assertThat(context.sent.get(0)).hasSize(4);
    }

    @Test
    void what_follows_a_change_that_is_read_again_is_judged_by_that_change() {
        desk = desk(List.of(
                new AdmittedVersion(SECOND, publish(SECOND), new Position(1, 0x1000, 4)),
                new AdmittedVersion(FIRST, publish(FIRST), new Position(1, 0x1000, 8))));
        desk.asked(0, asked(FIRST, SECOND, 4));
        desk.asked(0, asked(SECOND, Samples.altered(SECOND, "more"), 6));
        assertThat(calls.open.get(0).request().published()).containsExactly(FIRST, SECOND);
    }

    @Test
    void a_version_that_was_found_follows_the_one_that_was_admitted_last() {
        desk = desk(List.of(new AdmittedVersion(FIRST, publish(FIRST), GENERATION)));

        assertThat(desk.admits(SECOND, GENERATION)).isFalse();

        assertThat(calls.open.get(0).request().change())
                .isEqualTo(new TableChange(FIRST, SECOND, Map.of(), false, ChangeOrigin.SNAPSHOT, null));
    }

    @Test
    void a_drop_is_ruled_on_without_a_version() {
        VersionAsked question = asked(FIRST, null, 4);
        desk.asked(0, question);
        calls.answer(new Ruling.Admitted(null));
        assertThat(context.sent.get(0)).isEqualTo(List.of(reply(question, null)));
        assertThat(desk.admitted().all()).isEmpty();
    }

    private static VersionAsked foundGone(int ordinal) {
        TableChange change = new TableChange(FIRST, null, Map.of(), false, ChangeOrigin.INFERRED, null);
        return new VersionAsked(change, new Position(1, 0x1000, ordinal), TRANSACTION);
    }

    @Test
    void a_drop_that_is_found_again_is_ruled_on_once_until_there_is_a_table_again() {
        desk.asked(0, asked(FIRST, null, 4));
        calls.answer(new Ruling.Admitted(null));
        desk = new SchemaDesk(
                context,
                calls,
                new AdmittedVersions(desk.admitted().all(), desk.admitted().left()),
                () -> {});

        desk.asked(0, foundGone(6));
        assertThat(calls.open).isEmpty();
        assertThat(context.sent.get(0)).last().isEqualTo(reply(foundGone(6), null));

        desk.asked(0, asked(null, FIRST, 7));
        calls.answer(admitted(FIRST));
        desk.asked(0, foundGone(8));
        assertThat(calls.open).hasSize(1);
    }

    @Test
    void the_old_name_of_a_renamed_table_is_not_found_gone() {
        desk.asked(0, asked(FIRST, Samples.table("b"), 4));
        calls.answer(admitted(Samples.table("b")));
        desk.asked(0, foundGone(6));
        assertThat(calls.open).isEmpty();
        assertThat(context.sent.get(0)).last().isEqualTo(reply(foundGone(6), null));
    }

    @Test
    void failures_are_asked_again_ever_more_rarely_and_decisions_all_the_time() {
        desk.asked(0, asked(FIRST, SECOND, 4));
        for (int i = 0; i < 7; i++) {
            calls.fail(ErrorCode.REGISTRY_UNREACHABLE);
        }
        assertThat(calls.delays).containsExactly(0L, 200L, 400L, 800L, 1_600L, 3_200L, 5_000L, 5_000L);
        assertThat(desk.waiting()).isEqualTo(Map.of(FIRST.id(), 1));

        calls.answer(new Ruling.Pending("a column was dropped"));
        calls.answer(new Ruling.Pending("a column was dropped"));
        assertThat(calls.delays.subList(8, 10)).containsExactly(200L, 200L);

        calls.answer(admitted(SECOND));
        assertThat(desk.waiting()).isEmpty();
        assertThat(context.sent.get(0)).hasSize(1);
    }

    @Test
    void what_does_not_pass_by_itself_fails_the_job() {
        desk.asked(0, asked(FIRST, SECOND, 4));
        assertThatThrownBy(() -> calls.fail(ErrorCode.SCHEMA_REJECTED)).hasMessageContaining("SCHEMA_REJECTED");
    }

    @Test
    void a_table_that_waits_holds_up_no_other() {
        desk.admits(FIRST, GENERATION);
        desk.admits(Samples.table("b"), GENERATION);
        calls.answer(new Ruling.Pending("to be decided"));
        calls.answer(admitted(Samples.table("b")));
        assertThat(desk.admits(Samples.table("b"), GENERATION)).isTrue();
        assertThat(desk.admits(FIRST, GENERATION)).isFalse();
    }

    @Test
    void nobody_is_asked_for_what_nobody_waits_for_any_more() {
        VersionAsked question = asked(FIRST, SECOND, 4);
        desk.asked(0, question);
        calls.answer(new Ruling.Pending("to be decided"));
        desk.withdrawn(0, new VersionWithdrawn(question.change(), question.position()));
        calls.answer(new Ruling.Pending("to be decided"));
        assertThat(calls.open).isEmpty();
        assertThat(desk.waiting()).isEmpty();

        desk.admits(FIRST, GENERATION);
        desk.keepChunks(Set.of(FIRST));
        calls.answer(new Ruling.Pending("to be decided"));
        desk.keepChunks(Set.of(SECOND));
        calls.answer(new Ruling.Pending("to be decided"));
        assertThat(calls.open).isEmpty();
    }

    @Test
    void a_reader_that_comes_back_joins_the_question_that_is_open() {
        VersionAsked question = asked(FIRST, SECOND, 4);
        desk.asked(0, question);
        calls.answer(new Ruling.Pending("to be decided"));
        desk.failed(0);
        desk.asked(1, question);
        assertThat(calls.open).hasSize(1);
        calls.answer(admitted(SECOND));
        assertThat(context.sent).isEqualTo(Map.of(1, List.of(reply(question, publish(SECOND)))));
    }

    @Test
    void chunks_and_the_log_wait_for_the_same_answer_about_a_version() {
        desk = desk(List.of(new AdmittedVersion(FIRST, publish(FIRST), GENERATION)));
        VersionAsked change = asked(FIRST, SECOND, 4);
        desk.admits(SECOND, GENERATION);
        desk.asked(0, change);
        assertThat(calls.open).hasSize(2);

        calls.open.add(calls.open.remove(0));
        calls.answer(admitted(SECOND));

        assertThat(desk.admits(SECOND, GENERATION)).isTrue();
        assertThat(context.sent.get(0)).isEqualTo(List.of(reply(change, publish(SECOND))));
        calls.fail(ErrorCode.REGISTRY_UNREACHABLE);
        assertThat(calls.open).isEmpty();
        assertThat(desk.waiting()).isEmpty();
    }

    @Test
    void without_an_authority_everything_is_admitted_and_nothing_told() {
        List<AdmittedVersion> stored = List.of(new AdmittedVersion(FIRST, publish(FIRST), GENERATION));
        SchemaDesk open = new SchemaDesk(context, null, new AdmittedVersions(stored, Map.of()), () -> {});
        assertThat(open.admits(SECOND, GENERATION)).isTrue();
        open.tell(0, FIRST);
        assertThat(context.sent).isEmpty();
        assertThat(open.admitted().all()).hasSize(1);
        open.close();
        desk.close();
        assertThat(calls.closed).isTrue();
    }
}
