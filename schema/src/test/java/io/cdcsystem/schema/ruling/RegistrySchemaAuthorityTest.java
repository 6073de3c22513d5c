package io.cdcsystem.schema.ruling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.authority.Ruling;
import io.cdcsystem.schema.authority.VersionRequest;
import io.cdcsystem.schema.change.ChangeOrigin;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.compatibility.CompatibilityMode;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.Admission.DeadLetter;
import io.cdcsystem.schema.event.Admission.Publish;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RegistrySchemaAuthorityTest {
    private static final Column ID = new Column("id", ColumnType.of(Kind.INT32), false, null, "int4");
    private static final Column TOTAL = column("total", Kind.INT64);
    private static final TableSchema FIRST = table(ID, TOTAL);
    private static final TableSchema WIDER = table(ID, TOTAL, column("note", Kind.STRING));
    private static final TableSchema DROPPED = table(ID);

    private final FakeRegistrar registrar = new FakeRegistrar();
    private final List<SchemaNotice> notices = new ArrayList<>();
    private final List<SchemaDecision> decisions = new ArrayList<>();
    private @Nullable CdcException noticesFail;
    private BreakingChangePolicy policy = BreakingChangePolicy.PAUSE;
    private CompatibilityMode mode = CompatibilityMode.BACKWARD;
    private RegistrySchemaAuthority authority = authority();

    @Test
    @Tag("E2")
    @Tag("E7")
    void a_first_version_is_registered_and_told_once() {
        VersionRequest request = request(TableChange.first(FIRST, ChangeOrigin.SNAPSHOT));

        assertThat(authority.rule(request)).isEqualTo(published(FIRST, 1));
        assertThat(authority.rule(request)).isEqualTo(published(FIRST, 1));

        assertThat(notices).singleElement().satisfies(notice -> {
            assertThat(notice.kind()).isEqualTo("create");
            assertThat(notice.verdict()).isEqualTo(NoticeVerdict.COMPATIBLE);
            assertThat(notice.after()).isEqualTo(new SchemaIds(1, 1));
        });
    }

    @Test
    @Tag("E3")
    void an_added_nullable_column_passes() {
        registrar.register(FIRST);
        assertThat(authority.rule(alter(FIRST, WIDER))).isEqualTo(published(WIDER, 2));
        assertThat(notices).singleElement().satisfies(notice -> {
            assertThat(notice.kind()).isEqualTo("alter");
            assertThat(notice.before().value()).isEqualTo(1);
            assertThat(notice.after().value()).isEqualTo(2);
        });
    }

    @Test
    @Tag("E4")
    @Tag("E9")
    void a_dropped_column_waits_for_a_person_and_says_everything_that_helps() {
        registrar.register(FIRST);
        VersionRequest request = alter(FIRST, DROPPED);

        assertThat(authority.rule(request)).isInstanceOfSatisfying(Ruling.Pending.class, pending -> assertThat(
                        pending.reason())
                .contains("public.orders", "total", "int64", "key 1, value 1", "none yet")
                .contains("./cdc schema approve -c FILE public.orders", "./cdc schema reject -c FILE public.orders"));
        authority.rule(request);
        assertThat(notices).extracting(SchemaNotice::verdict).containsExactly(NoticeVerdict.PENDING);
        assertThat(registrar.find(DROPPED)).isEmpty();

        decide(DROPPED, SchemaDecision.Kind.APPROVED);
        assertThat(authority.rule(request)).isEqualTo(published(DROPPED, 2));
        assertThat(notices)
                .extracting(SchemaNotice::verdict)
                .containsExactly(NoticeVerdict.PENDING, NoticeVerdict.APPROVED);
        assertThat(notices.get(1).id()).isEqualTo(notices.get(0).id());
        assertThat(registrar.forced).containsExactly(DROPPED);
    }

    @Test
    @Tag("E9")
    void a_rejected_version_goes_to_the_dead_letters_and_the_last_decision_holds() {
        registrar.register(FIRST);
        decide(DROPPED, SchemaDecision.Kind.APPROVED);
        decide(DROPPED, SchemaDecision.Kind.REJECTED);
        assertThat(authority.rule(alter(FIRST, DROPPED)))
                .isInstanceOfSatisfying(Ruling.Admitted.class, admitted -> assertThat(admitted.admission())
                        .isInstanceOfSatisfying(DeadLetter.class, letter -> assertThat(letter.reason())
                                .contains("rejected by ann", "because")));
        assertThat(registrar.find(DROPPED)).isEmpty();
        assertThat(notices).extracting(SchemaNotice::verdict).containsExactly(NoticeVerdict.REJECTED);
    }

    @Test
    @Tag("E9")
    void a_decision_of_another_version_or_table_changes_nothing() {
        registrar.register(FIRST);
        decide(WIDER, SchemaDecision.Kind.APPROVED);
        assertThat(authority.rule(alter(FIRST, DROPPED))).isInstanceOf(Ruling.Pending.class);
    }

    @ParameterizedTest
    @EnumSource(BreakingChangePolicy.class)
    @Tag("E9")
    void a_decision_holds_under_every_policy_also_after_a_restart(BreakingChangePolicy each) {
        policy = each;
        registrar.register(FIRST);
        decide(DROPPED, SchemaDecision.Kind.APPROVED);
        assertThat(authority.rule(alter(FIRST, DROPPED))).isEqualTo(published(DROPPED, 2));
        authority = authority();
        assertThat(authority.rule(alter(FIRST, DROPPED))).isEqualTo(published(DROPPED, 2));
    }

    @Test
    @Tag("E9")
    void policy_fail_fails_behind_the_notice() {
        policy = BreakingChangePolicy.FAIL;
        registrar.register(FIRST);
        assertThatThrownBy(() -> authority.rule(alter(FIRST, DROPPED)))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BREAKING_CHANGE))
                .hasMessageContaining("total");
        assertThat(notices).extracting(SchemaNotice::verdict).containsExactly(NoticeVerdict.BREAKING);
    }

    @Test
    @Tag("E9")
    void policy_dead_letter_goes_on_without_the_table() {
        policy = BreakingChangePolicy.DEAD_LETTER;
        registrar.register(FIRST);
        assertThat(authority.rule(alter(FIRST, DROPPED)))
                .isInstanceOfSatisfying(Ruling.Admitted.class, admitted -> assertThat(admitted.admission())
                        .isInstanceOf(DeadLetter.class));
        assertThat(notices).extracting(SchemaNotice::verdict).containsExactly(NoticeVerdict.DEAD_LETTER);
    }

    @Test
    @Tag("E9")
    void policy_ignore_column_says_rows_in_the_last_versions_words_where_they_fit() {
        policy = BreakingChangePolicy.IGNORE_COLUMN;
        registrar.register(FIRST);
        assertThat(authority.rule(alter(FIRST, DROPPED))).isEqualTo(published(FIRST, 1));
        assertThat(authority.rule(alter(FIRST, table(ID, column("total", Kind.INT32)))))
                .isEqualTo(published(FIRST, 1));
        assertThat(notices)
                .extracting(SchemaNotice::verdict)
                .containsExactly(NoticeVerdict.IGNORED, NoticeVerdict.IGNORED);

        assertThat(authority.rule(alter(FIRST, table(ID, column("total", Kind.STRING)))))
                .isInstanceOf(Ruling.Pending.class);
        TableSchema renamed = table(ID, column("sum", Kind.INT64));
        TableChange rename =
                new TableChange(FIRST, renamed, Map.of("total", "sum"), false, ChangeOrigin.DDL, "ALTER TABLE …");
        assertThat(authority.rule(new VersionRequest(rename, List.of(FIRST), new Position(1, 9, 0), null)))
                .as("a renamed column would be null from here on")
                .isInstanceOf(Ruling.Pending.class);
    }

    @ParameterizedTest
    @EnumSource(CompatibilityMode.class)
    @Tag("E11")
    void every_mode_judges_a_dropped_column(CompatibilityMode each) {
        mode = each;
        registrar.register(FIRST);
        Ruling ruling = authority.rule(alter(FIRST, DROPPED));
        if (each == CompatibilityMode.NONE) {
            assertThat(ruling).isEqualTo(published(DROPPED, 2));
            assertThat(registrar.forced).as("whatever the registry's level").containsExactly(DROPPED);
        } else {
            assertThat(ruling).isInstanceOf(Ruling.Pending.class);
            assertThat(notices.get(0).mode()).isEqualTo(each);
        }
    }

    @Test
    @Tag("E4")
    void what_the_registry_refuses_breaks_too() {
        registrar.refusal = "reader lacks a default";
        assertThat(authority.rule(request(TableChange.first(FIRST, ChangeOrigin.SNAPSHOT))))
                .isInstanceOfSatisfying(Ruling.Pending.class, pending -> assertThat(pending.reason())
                        .contains("reader lacks a default"));
        registrar.refusal = null;
        decide(FIRST, SchemaDecision.Kind.APPROVED);
        assertThat(authority.rule(request(TableChange.first(FIRST, ChangeOrigin.SNAPSHOT))))
                .isEqualTo(published(FIRST, 1));
    }

    @Test
    void a_schema_registered_by_hand_is_published_but_a_way_back_is_not_taken_for_one() {
        registrar.register(FIRST);
        registrar.register(DROPPED);
        assertThat(authority.rule(alter(FIRST, DROPPED))).isEqualTo(published(DROPPED, 2));
        assertThat(notices).extracting(SchemaNotice::verdict).containsExactly(NoticeVerdict.REGISTERED);

        registrar.register(WIDER);
        TableChange back = TableChange.inferred(WIDER, FIRST);
        assertThat(authority.rule(new VersionRequest(back, List.of(FIRST, WIDER), new Position(1, 9, 0), null)))
                .isInstanceOf(Ruling.Pending.class);
    }

    @Test
    @Tag("E7")
    void a_dropped_table_is_told_and_admits_nothing() {
        registrar.register(FIRST);
        TableChange drop = new TableChange(FIRST, null, Map.of(), false, ChangeOrigin.DDL, "DROP TABLE orders");
        assertThat(authority.rule(request(drop))).isEqualTo(new Ruling.Admitted(null));
        assertThat(notices).singleElement().satisfies(notice -> {
            assertThat(notice.kind()).isEqualTo("drop");
            assertThat(notice.before().value()).isEqualTo(1);
        });
    }

    @Test
    void a_renamed_table_begins_a_topic_of_its_own() {
        registrar.register(FIRST);
        TableSchema renamed = new TableSchema(new TableId("shop", "public", "bills"), DROPPED.columns(), List.of("id"));
        TableChange rename = new TableChange(FIRST, renamed, Map.of(), false, ChangeOrigin.DDL, null);
        assertThat(authority.rule(new VersionRequest(rename, List.of(FIRST), new Position(1, 9, 0), null)))
                .isEqualTo(published(renamed, 2));
        assertThat(notices).singleElement().satisfies(notice -> {
            assertThat(notice.kind()).isEqualTo("rename");
            assertThat(notice.before().value()).isEqualTo(1);
        });
    }

    @Test
    @Tag("E7")
    void without_its_notice_nothing_is_admitted_and_the_next_question_tries_again() {
        noticesFail = new CdcException(ErrorCode.KAFKA_UNREACHABLE, "no broker");
        VersionRequest request = request(TableChange.first(FIRST, ChangeOrigin.SNAPSHOT));
        assertThatThrownBy(() -> authority.rule(request)).hasMessageContaining("no broker");
        noticesFail = null;
        assertThat(authority.rule(request)).isEqualTo(published(FIRST, 1));
        assertThat(notices).hasSize(1);
    }

    private RegistrySchemaAuthority authority() {
        return new RegistrySchemaAuthority(
                registrar,
                table -> new SchemaPolicy(mode, policy),
                new SchemaNotices() {
                    @Override
                    public void publish(SchemaNotice notice) {
                        if (noticesFail != null) {
                            throw noticesFail;
                        }
                        notices.add(notice);
                    }

                    @Override
                    public void close() {}
                },
                new SchemaDecisions() {
                    @Override
                    public Optional<SchemaDecision> on(String table, String fingerprint) {
                        return decisions.stream()
                                .filter(one -> one.table().equals(table)
                                        && one.fingerprint().equals(fingerprint))
                                .reduce((first, second) -> second);
                    }

                    @Override
                    public void close() {}
                });
    }

    private void decide(TableSchema version, SchemaDecision.Kind kind) {
        decisions.add(new SchemaDecision(
                "shop.public.orders", VersionFingerprint.of(version), kind, "ann", "because", Instant.EPOCH));
    }

    private static VersionRequest request(TableChange change) {
        return new VersionRequest(change, List.of(), new Position(1, 0x2000, 4), null);
    }

    private static VersionRequest alter(TableSchema before, TableSchema after) {
        return new VersionRequest(
                TableChange.inferred(before, after), List.of(before), new Position(1, 0x2000, 4), null);
    }

    private static Ruling published(TableSchema as, int id) {
        return new Ruling.Admitted(new Publish(as, id, id));
    }

    private static TableSchema table(Column... columns) {
        return new TableSchema(new TableId("shop", "public", "orders"), List.of(columns), List.of("id"));
    }

    private static Column column(String name, Kind kind) {
        return new Column(name, ColumnType.of(kind), true, null, kind.name().toLowerCase(java.util.Locale.ROOT));
    }

    /** Ids are the order of registration. */
    private static final class FakeRegistrar implements VersionRegistrar {
        private final Map<TableSchema, Integer> ids = new LinkedHashMap<>();
        private final List<TableSchema> forced = new ArrayList<>();
        private @Nullable String refusal;

        @Override
        public Optional<SchemaIds> find(TableSchema table) {
            return Optional.ofNullable(ids.get(table)).map(id -> new SchemaIds(id, id));
        }

        @Override
        public Registration register(TableSchema table) {
            if (refusal != null) {
                return new Registration.Refused(refusal);
            }
            int id = ids.computeIfAbsent(table, added -> ids.size() + 1);
            return new Registration.Registered(new SchemaIds(id, id));
        }

        @Override
        public SchemaIds registerRegardless(TableSchema table) {
            if (!ids.containsKey(table)) {
                forced.add(table);
            }
            register(table);
            return find(table).orElseThrow();
        }
    }
}
