package io.cdcsystem.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.event.ChangeEvent.KeyLink;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.position.Position;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ChangeRecordSerializerTest {
    private static final Header[] NONE = {};

    private static Map<String, String> headers(ProducerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        record.headers().forEach(h -> headers.put(h.key(), new String(h.value(), StandardCharsets.UTF_8)));
        return headers;
    }

    @Test
    @Tag("L4")
    void record_carries_the_bytes_and_leaves_partition_and_time_to_kafka() {
        var event = Records.change("shop.public.orders", "k1", Op.UPDATE, 0x201A3B4C8L, 17);
        ProducerRecord<byte[], byte[]> record = ChangeRecordSerializer.toRecord(new SinkRecord(event, false), NONE);
        assertThat(record.topic()).isEqualTo("shop.public.orders");
        assertThat(record.key()).isSameAs(event.key());
        assertThat(record.value()).isSameAs(event.value());
        assertThat(record.partition()).isNull();
        assertThat(record.timestamp()).isNull();
    }

    @Test
    @Tag("E5")
    void change_has_position_and_schema_id() {
        var event = Records.change("t", "k1", Op.UPDATE, 0x201A3B4C8L, 1_234_567);
        assertThat(headers(ChangeRecordSerializer.toRecord(new SinkRecord(event, false), NONE)))
                .containsExactly(
                        Map.entry("cdc.position", "00000000-0000000201a3b4c8-00000002"),
                        Map.entry("cdc.schema.id", "1234567"));
    }

    @Test
    @Tag("S4")
    void row_has_its_generation_and_no_schema_id_without_registry() {
        var event = Records.row("t", "k1", 12);
        assertThat(headers(ChangeRecordSerializer.toRecord(new SinkRecord(event, false), NONE)))
                .containsExactly(
                        Map.entry("cdc.position", "00000000-0000000000000063-0000000c"),
                        Map.entry("cdc.snapshot.generation", "12"));
    }

    @Test
    @Tag("S8")
    void row_behind_a_change_that_it_contains_says_where_its_generation_stands() {
        var event = Records.row("t", "k1", 12).at(new Position(0, 110, 0).behind(12));
        assertThat(headers(ChangeRecordSerializer.toRecord(new SinkRecord(event, false), NONE)))
                .containsExactly(
                        Map.entry("cdc.position", "00000000-000000000000006e-7f00000c"),
                        Map.entry("cdc.snapshot.generation", "12"),
                        Map.entry("cdc.snapshot.position", "00000000-0000000000000063-0000000c"));
    }

    @Test
    void tombstone_has_no_value_and_the_headers_of_its_delete() {
        var event = Records.change("t", "old", Op.DELETE, 110, 0, KeyLink.NEW_KEY, "Struct{id=2}");
        ProducerRecord<byte[], byte[]> delete = ChangeRecordSerializer.toRecord(new SinkRecord(event, false), NONE);
        ProducerRecord<byte[], byte[]> tombstone = ChangeRecordSerializer.toRecord(new SinkRecord(event, true), NONE);
        assertThat(tombstone.value()).isNull();
        assertThat(tombstone.key()).isSameAs(event.key());
        assertThat(headers(tombstone)).isEqualTo(headers(delete)).containsEntry("__debezium.newkey", "Struct{id=2}");
    }

    @Test
    void create_of_a_key_change_names_the_old_key() {
        var event = Records.change("t", "new", Op.CREATE, 110, 0, KeyLink.OLD_KEY, "Struct{id=1}");
        assertThat(headers(ChangeRecordSerializer.toRecord(new SinkRecord(event, false), NONE)))
                .containsEntry("__debezium.oldkey", "Struct{id=1}")
                .doesNotContainKey("__debezium.newkey");
    }

    @Test
    void context_headers_are_shared_by_all_records() {
        Header[] context = {new RecordHeader(ContextHeaders.TASK_ID, Records.bytes("0"))};
        var event = Records.change("t", "k", Op.CREATE, 110, 0);
        ProducerRecord<byte[], byte[]> record = ChangeRecordSerializer.toRecord(new SinkRecord(event, false), context);
        assertThat(record.headers().lastHeader(ContextHeaders.TASK_ID)).isSameAs(context[0]);
    }

    @Test
    void header_text_is_that_of_the_values() {
        for (Position position : new Position[] {
            new Position(0, 0, 0),
            new Position(Integer.MAX_VALUE, -1, Integer.MAX_VALUE),
            new Position(3, 0xabcdefL, 10)
        }) {
            assertThat(new String(RecordHeaderBytes.position(position), StandardCharsets.US_ASCII))
                    .isEqualTo(position.toString());
        }
        for (int number : new int[] {0, 1, 9, 10, 99, 100, 1_000_000_007, Integer.MAX_VALUE}) {
            assertThat(new String(RecordHeaderBytes.decimal(number), StandardCharsets.US_ASCII))
                    .isEqualTo(String.valueOf(number));
        }
    }

    @Test
    void tombstone_needs_a_key() {
        var event = Records.change("t", null, Op.DELETE, 110, 0);
        assertThatThrownBy(() -> new SinkRecord(event, true)).isInstanceOf(IllegalArgumentException.class);
    }
}
