package io.cdcsystem.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.authority.Ruling;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.ConfirmAt;
import io.cdcsystem.source.LogEnd;
import io.cdcsystem.source.Samples;
import io.cdcsystem.source.SchemaGateConfig;
import io.cdcsystem.source.ScriptedAuthority;
import io.cdcsystem.source.ScriptedDatabase;
import io.cdcsystem.source.SnapshotConfig;
import io.cdcsystem.source.SourceConfig;
import io.cdcsystem.source.protocol.LogRequest;
import io.cdcsystem.source.protocol.ReaderReport;
import io.cdcsystem.source.protocol.SchemaReply;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.SnapshotSplit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The enumerator with a schema authority on its own thread. */
@Tag("E3")
class CdcEnumeratorGateTest extends CdcEnumeratorFixture {
    private static final TableSchema A = ScriptedDatabase.TABLES.get(0);
    private static final TableSchema B = ScriptedDatabase.TABLES.get(1);
    private static final TableSchema A2 = Samples.altered(A, "name");

    private final ScriptedAuthority.Script authority = ScriptedAuthority.script(NAME);
    private @Nullable CdcEnumerator last;

    private CdcEnumerator gated(EnumeratorState state) {
        SourceConfig config = new SourceConfig(
                new ScriptedDatabase.Config(NAME),
                SnapshotConfig.ofChunkSize(10),
                LogEnd.NEVER,
                ConfirmAt.COMPLETION,
                1 << 20,
                null,
                ScriptedAuthority.gate(NAME, SchemaGateConfig.Scope.TABLE));
        CdcEnumerator enumerator = enumerator(config, state);
        last = enumerator;
        enumerator.start();
        return enumerator;
    }

    private CdcEnumerator begun() {
        CdcEnumerator enumerator = gated(EnumeratorState.EMPTY);
        register(enumerator, 0, List.of());
        register(enumerator, 1, List.of());
        context.runCalls();
        return enumerator;
    }

    private CdcEnumerator begunWithLog() throws Exception {
        CdcEnumerator enumerator = begun();
        Set<String> read = new java.util.HashSet<>();
        until(() -> {
            readAll(enumerator).forEach(split -> read.add(split.splitId()));
            return read.size() == 4;
        });
        enumerator.snapshotState(1);
        enumerator.notifyCheckpointComplete(1);
        until(() -> context.assigned.containsKey(0));
        return enumerator;
    }

    @AfterEach
    void close() {
        CdcEnumerator open = last;
        if (open != null) {
            open.close();
        }
    }

    private void until(Callable<Boolean> condition) {
        Awaitility.await()
                .pollInSameThread()
                .pollInterval(Duration.ofMillis(2))
                .atMost(Duration.ofMinutes(2))
                .until(() -> {
                    context.runCalls();
                    return condition.call();
                });
    }

    private static Ruling onlyB(TableSchema table, Ruling otherwise) {
        return table.equals(B) ? new Ruling.Admitted(new Admission.Publish(B, 1, 2)) : otherwise;
    }

    private static TableSchema after(io.cdcsystem.schema.authority.VersionRequest request) {
        return java.util.Objects.requireNonNull(request.change().after());
    }

    @Test
    void no_chunk_is_assigned_before_its_version_is_admitted_and_others_are() {
        authority.answer = request -> onlyB(after(request), new Ruling.Pending("a column is gone"));
        CdcEnumerator enumerator = begun();

        until(() -> context.assigned.size() == 2);
        List<CdcSplit> assigned = new ArrayList<>(context.taken(0));
        assigned.addAll(context.taken(1));
        assertThat(assigned)
                .extracting(CdcSplit::splitId)
                .containsExactlyInAnyOrder("snapshot:public.b:1:0", "snapshot:public.b:1:1");
        SchemaReply.Known known = new SchemaReply.Known(B, new Admission.Publish(B, 1, 2));
        assertThat(context.sent.get(0)).isEqualTo(List.of(known));
        assertThat(context.sent.get(1)).isEqualTo(List.of(known));
        finish(enumerator, 0, assigned.get(0));
        assertThat(context.assigned).isEmpty();

        authority.answer = ScriptedAuthority::admitted;
        until(() -> context.assigned.containsKey(0));
        assertThat(((SnapshotSplit) context.taken(0).get(0)).table()).isEqualTo(A);
    }

    @Test
    void an_authority_that_does_not_answer_is_asked_again_and_one_that_refuses_fails_the_job() {
        authority.answer = request -> {
            throw new CdcException(ErrorCode.REGISTRY_UNREACHABLE, "the test has none");
        };
        begun();
        until(() -> authority.requests.size() > 2);
        assertThat(context.assigned).isEmpty();

        authority.answer = request -> {
            throw new CdcException(ErrorCode.SCHEMA_REJECTED, "the test refuses");
        };
        assertThatThrownBy(() -> until(() -> false)).hasMessageContaining("SCHEMA_REJECTED");
    }

    @Test
    void a_restored_enumerator_needs_no_authority_for_what_was_admitted() throws Exception {
        CdcEnumerator before = begun();
        until(() -> context.assigned.size() == 2);
        context.taken(0);
        context.taken(1);
        EnumeratorState state = new EnumeratorStateSerializer()
                .deserialize(4, new EnumeratorStateSerializer().serialize(before.snapshotState(1)));
        before.close();
        assertThat(state.versions()).extracting(AdmittedVersion::table).contains(A);
        authority.requests.clear();
        authority.answer = request -> {
            throw new CdcException(ErrorCode.REGISTRY_UNREACHABLE, "the test has none");
        };
        context = new FakeContext(2);

        CdcEnumerator enumerator = gated(state);
        register(enumerator, 0, List.of());
        register(enumerator, 1, List.of());
        until(() -> context.assigned.size() == 2);
        assertThat(((SnapshotSplit) context.taken(0).get(0)).table()).isEqualTo(A);
        assertThat(authority.requests.stream().map(CdcEnumeratorGateTest::after))
                .doesNotContain(A);
    }

    @Test
    void the_log_s_reader_is_told_what_is_known_and_answered_what_it_asks() throws Exception {
        CdcEnumerator enumerator = begunWithLog();
        assertThat(context.taken(0)).singleElement().isInstanceOf(LogSplit.class);
        assertThat(context.sent.get(0))
                .contains(
                        new SchemaReply.Known(A, new Admission.Publish(A, 1, 7)),
                        new SchemaReply.Known(B, new Admission.Publish(B, 1, 7)));

        TableChange change = TableChange.inferred(A, A2);
        Position position = new Position(1, 0x1001, 0);
        enumerator.handleSourceEvent(
                0, new ReaderReport.VersionAsked(change, position, new TransactionInfo(1, 2, 0, 3)));
        SchemaReply.Ruled reply = new SchemaReply.Ruled(change, position, new Admission.Publish(A2, 2, 7));
        until(() -> context.sent.get(0).contains(reply));
        assertThat(enumerator.snapshotState(2).versions())
                .extracting(AdmittedVersion::table)
                .containsExactlyInAnyOrder(A, B, A2);
    }

    private static ReaderReport.VersionAsked renamed(TableSchema after) {
        return new ReaderReport.VersionAsked(
                TableChange.inferred(A, after), new Position(1, 0x1001, 0), new TransactionInfo(1, 2, 0, 3));
    }

    private List<LogRequest.CaptureTables> captureRequests() {
        return context.sent.get(0).stream()
                .filter(LogRequest.CaptureTables.class::isInstance)
                .map(LogRequest.CaptureTables.class::cast)
                .toList();
    }

    private static List<String> names(List<CapturedTable> tables) {
        return tables.stream().map(table -> table.schema().id().name()).toList();
    }

    @Test
    void a_renamed_table_is_captured_on_before_anybody_rules_and_stays_so_when_the_log_comes_back() throws Exception {
        CdcEnumerator enumerator = begunWithLog();
        LogSplit log = (LogSplit) context.taken(0).get(0);
        TableSchema renamed = Samples.table("c");
        script.namedToo.add(renamed.id());
        authority.answer = request -> new Ruling.Pending("to be decided");

        enumerator.handleSourceEvent(0, renamed(renamed));
        enumerator.handleSourceEvent(0, renamed(renamed));
        assertThat(captureRequests()).singleElement().satisfies(request -> assertThat(names(request.tables()))
                .containsExactly("a", "b", "c"));
        assertThat(enumerator.snapshotState(2).capture()).isNotNull().satisfies(capture -> assertThat(capture.added())
                .containsExactly(renamed.id()));

        List<CapturedTable> tables = new ArrayList<>(log.tables());
        tables.add(new CapturedTable(renamed, null));
        enumerator.addSplitsBack(List.of(log.assigned(tables, null)), 0);
        register(enumerator, 0, List.of());
        until(() -> context.assigned.containsKey(0));
        assertThat(context.taken(0)).singleElement().satisfies(split -> assertThat(names(((LogSplit) split).tables()))
                .containsExactly("a", "b", "c"));
    }

    @Test
    void a_rename_that_a_signal_tells_as_well_joins_once_whichever_comes_first() throws Exception {
        CdcEnumerator enumerator = begunWithLog();
        TableSchema renamed = Samples.table("c");
        enumerator.handleSourceEvent(0, signal(1, "add-tables", "{\"data-collections\":[\"public.c\"]}"));
        enumerator.handleSourceEvent(0, renamed(renamed));
        context.runCalls();
        enumerator.handleSourceEvent(0, signal(2, "add-tables", "{\"data-collections\":[\"public.c\"]}"));
        context.runCalls();
        assertThat(captureRequests()).hasSize(1);
        assertThat(enumerator.snapshotState(2).capture()).isNotNull().satisfies(capture -> {
            assertThat(capture.signals().unfinished()).isEmpty();
            assertThat(capture.tables()).hasSize(3);
        });
    }

    @Test
    void a_table_that_somebody_removed_does_not_come_back_by_a_rename() throws Exception {
        CdcEnumerator enumerator = begunWithLog();
        enumerator.handleSourceEvent(0, signal(1, "remove-tables", "{\"data-collections\":[\"public.a\"]}"));
        enumerator.handleSourceEvent(0, renamed(Samples.table("c")));
        context.runCalls();
        assertThat(captureRequests()).singleElement().satisfies(request -> assertThat(names(request.tables()))
                .containsExactly("b"));
    }

    @Test
    void an_authority_that_is_busy_is_closed_when_it_is_done() {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        authority.answer = request -> {
            busy.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return ScriptedAuthority.admitted(request);
        };
        CdcEnumerator enumerator = begun();
        until(() -> busy.getCount() == 0);

        Thread.currentThread().interrupt();
        enumerator.close();
        assertThat(Thread.interrupted()).as("nobody waits for it any more").isTrue();
        assertThat(authority.closed).hasValue(0);

        release.countDown();
        until(() -> authority.closed.get() == 1);
    }
}
