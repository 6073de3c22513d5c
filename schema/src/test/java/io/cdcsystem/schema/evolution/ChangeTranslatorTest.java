package io.cdcsystem.schema.evolution;

import static io.cdcsystem.schema.evolution.Tables.ABSENT;
import static io.cdcsystem.schema.evolution.Tables.KEYLESS;
import static io.cdcsystem.schema.evolution.Tables.ORDERS;
import static io.cdcsystem.schema.evolution.Tables.UNCHANGED;
import static io.cdcsystem.schema.evolution.Tables.change;
import static io.cdcsystem.schema.evolution.Tables.read;
import static io.cdcsystem.schema.evolution.Tables.row;
import static io.cdcsystem.schema.evolution.Tables.truncated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.codec.TableEncoders;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.ChangeEvent.KeyLink;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.table.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("L2")
class ChangeTranslatorTest {
    private static final EnvelopeConfig ENVELOPE = EnvelopeConfig.of("srv", "postgresql");

    @Test
    @Tag("S4")
    void a_read_row_carries_its_generation_and_key() {
        ChangeEvent event = only(ORDERS, read(ORDERS, row(1, "a", null)));

        assertThat(event.op()).isEqualTo(Op.READ);
        assertThat(text(event.key())).isEqualTo("{\"id\":1}");
        assertThat(text(event.value()))
                .startsWith("{\"before\":null,\"after\":{\"id\":1,\"name\":\"a\",\"note\":null}")
                .contains("\"op\":\"r\"")
                .contains("\"ts_us\":1234567");
        assertThat(Objects.requireNonNull(event.generation()).number()).isEqualTo(1);
        assertThat(event.position())
                .isEqualTo(Objects.requireNonNull(event.generation()).position());
    }

    @Test
    void a_created_row_carries_position_and_transaction() {
        ChangeEvent event = only(ORDERS, change(ORDERS, Op.CREATE, null, row(1, "a", "b")));

        assertThat(event.topic()).isEqualTo("srv.public.orders");
        assertThat(event.position()).isEqualTo(Tables.POSITION);
        assertThat(event.transactionId()).isEqualTo(742);
        assertThat(event.commitMicros()).isEqualTo(1_700_000_000_000_001L);
        assertThat(event.keySchemaId()).isEqualTo(11);
        assertThat(event.valueSchemaId()).isEqualTo(12);
        assertThat(event.keyLink()).isEqualTo(KeyLink.NONE);
    }

    @Test
    void an_update_without_old_row_has_no_before() {
        ChangeEvent event = only(ORDERS, change(ORDERS, Op.UPDATE, null, row(1, "a", "b")));

        assertThat(text(event.value())).startsWith("{\"before\":null,").contains("\"op\":\"u\"");
    }

    @Test
    void an_update_with_a_full_old_row_has_it_as_before() {
        ChangeEvent event = only(ORDERS, change(ORDERS, Op.UPDATE, row(1, null, null), row(1, "a", "b")));

        assertThat(text(event.value()))
                .startsWith("{\"before\":{\"id\":1,\"name\":null,\"note\":null},\"after\":{\"id\":1,\"name\":\"a\"");
    }

    @Test
    void an_update_whose_old_row_holds_the_same_key_alone_has_no_before() {
        ChangeEvent event = only(ORDERS, change(ORDERS, Op.UPDATE, row(1, ABSENT, ABSENT), row(1, "a", "b")));

        assertThat(event.op()).isEqualTo(Op.UPDATE);
        assertThat(text(event.value())).startsWith("{\"before\":null,");
    }

    @Test
    void a_table_of_nothing_but_key_columns_with_a_full_old_row_has_it_as_before() {
        TableSchema all = Tables.orders(List.of("note", "name", "id"));
        ChangeEvent event = only(all, change(all, Op.UPDATE, row(1, "a", "b"), row(1, "a", "b")));

        assertThat(text(event.key())).isEqualTo("{\"note\":\"b\",\"name\":\"a\",\"id\":1}");
        assertThat(text(event.value())).startsWith("{\"before\":{\"id\":1,");
    }

    @Test
    void an_unchanged_value_is_taken_from_a_full_old_row() {
        ChangeEvent event = only(ORDERS, change(ORDERS, Op.UPDATE, row(1, "a", "long"), row(1, "b", UNCHANGED)));

        assertThat(text(event.value())).contains("\"after\":{\"id\":1,\"name\":\"b\",\"note\":\"long\"}");
    }

    @Test
    void an_unchanged_value_that_nobody_logged_is_the_placeholder() {
        ChangeEvent event = only(ORDERS, change(ORDERS, Op.UPDATE, null, row(1, "b", UNCHANGED)));

        assertThat(text(event.value())).contains("\"note\":\"__debezium_unavailable_value\"");
    }

    @Test
    void a_key_change_deletes_the_old_key_and_creates_the_new_one_at_the_same_position() {
        List<ChangeEvent> events = translate(
                ORDERS, Set.of(Op.TRUNCATE), change(ORDERS, Op.UPDATE, row(1, ABSENT, ABSENT), row(2, "a", "b")));

        assertThat(events).extracting(ChangeEvent::op).containsExactly(Op.DELETE, Op.CREATE);
        assertThat(events).extracting(ChangeEvent::position).containsOnly(Tables.POSITION);
        ChangeEvent delete = events.get(0);
        assertThat(text(delete.key())).isEqualTo("{\"id\":1}");
        assertThat(delete.keyLink()).isEqualTo(KeyLink.NEW_KEY);
        assertThat(text(delete.relatedKey())).contains("2").doesNotContain("1");
        assertThat(text(delete.value()))
                .contains("\"before\":{\"id\":1")
                .contains("\"after\":null")
                .contains("\"op\":\"d\"");
        ChangeEvent create = events.get(1);
        assertThat(text(create.key())).isEqualTo("{\"id\":2}");
        assertThat(create.keyLink()).isEqualTo(KeyLink.OLD_KEY);
        assertThat(text(create.relatedKey())).contains("1").doesNotContain("2");
        assertThat(text(create.value()))
                .startsWith("{\"before\":null,\"after\":{\"id\":2")
                .contains("\"op\":\"c\"");
    }

    @Test
    void the_created_half_of_a_key_change_takes_unchanged_values_from_a_full_old_row() {
        List<ChangeEvent> events =
                translate(ORDERS, Set.of(), change(ORDERS, Op.UPDATE, row(1, "a", "long"), row(2, "a", UNCHANGED)));

        assertThat(text(events.get(1).value())).contains("\"note\":\"long\"");
    }

    @Test
    void a_composite_key_with_an_unchanged_large_column_is_completed_from_the_old_row() {
        TableSchema composite = Tables.orders(List.of("name", "id"));
        List<ChangeEvent> events = translate(
                composite, Set.of(), change(composite, Op.UPDATE, row(1, "large", ABSENT), row(2, UNCHANGED, "n")));

        assertThat(text(events.get(0).key())).isEqualTo("{\"name\":\"large\",\"id\":1}");
        assertThat(text(events.get(1).key())).isEqualTo("{\"name\":\"large\",\"id\":2}");
        assertThat(text(events.get(1).value())).contains("\"name\":\"large\"");
    }

    @Test
    void a_delete_is_keyed_by_its_old_row() {
        ChangeEvent event = only(ORDERS, change(ORDERS, Op.DELETE, row(1, "a", "b"), null));

        assertThat(text(event.key())).isEqualTo("{\"id\":1}");
        assertThat(text(event.value()))
                .startsWith("{\"before\":{\"id\":1,\"name\":\"a\"")
                .contains("\"after\":null");
    }

    @Test
    void a_change_without_its_key_stops_with_the_statement_that_mends_it() {
        for (SourceEvent event : List.of(
                change(ORDERS, Op.DELETE, row(ABSENT, "a", ABSENT), null),
                change(ORDERS, Op.DELETE, null, null),
                change(ORDERS, Op.UPDATE, null, row(UNCHANGED, "a", "b")))) {
            assertThatThrownBy(() -> translate(ORDERS, Set.of(), event))
                    .isInstanceOfSatisfying(
                            CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VALUE_UNREPRESENTABLE))
                    .hasMessageContaining("primary key's column id")
                    .hasMessageContaining("ALTER TABLE public.orders REPLICA IDENTITY");
        }
    }

    @Test
    @Tag("S7")
    void a_table_without_primary_key_has_null_keys_and_no_key_changes() {
        ChangeEvent created = only(KEYLESS, change(KEYLESS, Op.CREATE, null, row(1, "a", "b")));
        ChangeEvent updated = only(KEYLESS, change(KEYLESS, Op.UPDATE, row(1, "a", "b"), row(2, "a", "b")));
        ChangeEvent deleted = only(KEYLESS, change(KEYLESS, Op.DELETE, row(2, "a", "b"), null));

        assertThat(created.key()).isNull();
        assertThat(created.keySchemaId()).isZero();
        assertThat(updated.op()).isEqualTo(Op.UPDATE);
        assertThat(text(updated.value())).startsWith("{\"before\":{\"id\":1");
        assertThat(deleted.key()).isNull();
    }

    @Test
    void a_truncation_is_skipped_by_default_and_has_no_key_otherwise() {
        assertThat(translate(ORDERS, SkippedOperations.parse(SkippedOperations.DEFAULT), truncated(ORDERS)))
                .isEmpty();

        ChangeEvent event = translate(ORDERS, SkippedOperations.parse("none"), truncated(ORDERS))
                .get(0);
        assertThat(event.key()).isNull();
        assertThat(text(event.value()))
                .startsWith("{\"before\":null,\"after\":null")
                .contains("\"op\":\"t\"");
    }

    @Test
    void skipped_operations_are_left_out_and_all_others_stay() {
        List<SourceEvent> events = List.of(
                change(ORDERS, Op.CREATE, null, row(1, "a", "b")),
                change(ORDERS, Op.UPDATE, null, row(1, "a", "b")),
                change(ORDERS, Op.DELETE, row(1, ABSENT, ABSENT), null),
                read(ORDERS, row(1, "a", "b")));

        assertThat(translate(ORDERS, SkippedOperations.parse("c, u"), events.toArray(SourceEvent[]::new)))
                .extracting(ChangeEvent::op)
                .containsExactly(Op.DELETE, Op.READ);
    }

    @Test
    void the_option_of_skipped_operations_is_read_or_refused() {
        assertThat(SkippedOperations.parse("C,d")).containsExactlyInAnyOrder(Op.CREATE, Op.DELETE);
        assertThatThrownBy(() -> SkippedOperations.parse("r"))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("skipped.operations is 'r'");
    }

    private static ChangeEvent only(TableSchema table, SourceEvent event) {
        List<ChangeEvent> events = translate(table, Set.of(), event);
        assertThat(events).hasSize(1);
        return events.get(0);
    }

    private static List<ChangeEvent> translate(TableSchema table, Set<Op> skipped, SourceEvent... events) {
        TopicTarget target = new TopicTarget("srv.public.orders", TableEncoders.json(ENVELOPE, table), 11, 12);
        ChangeTranslator translator = new ChangeTranslator(table, target, skipped, () -> 1_234_567L);
        List<ChangeEvent> out = new ArrayList<>();
        for (SourceEvent event : events) {
            translator.translate(event, out::add);
        }
        return out;
    }

    private static String text(byte @Nullable [] bytes) {
        return new String(Objects.requireNonNull(bytes), StandardCharsets.UTF_8);
    }
}
