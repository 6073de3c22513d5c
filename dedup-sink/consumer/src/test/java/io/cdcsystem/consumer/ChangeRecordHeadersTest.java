package io.cdcsystem.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.wire.HeaderNames;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("L6")
class ChangeRecordHeadersTest {
    private static final Position POSITION = new Position(1, 0xFFFF_0000_1234_5678L, 7);

    @Test
    void all_headers_are_read() {
        ChangeRecordHeaders headers = ChangeRecordHeaders.of(Records.record(
                "t",
                "k",
                "v",
                HeaderNames.POSITION,
                POSITION.toString(),
                HeaderNames.SCHEMA_ID,
                "17",
                HeaderNames.GENERATION,
                "2"));

        assertThat(headers.position()).isEqualTo(POSITION);
        assertThat(headers.schemaId()).hasValue(17);
        assertThat(headers.generation()).hasValue(2);
        assertThat(headers.isSnapshot()).isTrue();
        assertThat(headers.readAt()).as("its own position").isEqualTo(POSITION);
    }

    @Test
    @Tag("S8")
    void a_row_behind_a_change_that_it_contains_says_where_its_generation_stands() {
        Position readAt = new Position(1, 5, 2);
        ChangeRecordHeaders headers = ChangeRecordHeaders.of(Records.record(
                "t",
                "k",
                "v",
                HeaderNames.POSITION,
                POSITION.toString(),
                HeaderNames.GENERATION,
                "2",
                HeaderNames.GENERATION_POSITION,
                readAt.toString()));

        assertThat(headers.position()).isEqualTo(POSITION);
        assertThat(headers.readAt()).isEqualTo(readAt);
    }

    @Test
    void a_streamed_json_record_has_a_position_alone() {
        ChangeRecordHeaders headers = ChangeRecordHeaders.of(Records.record("k", "v", POSITION));

        assertThat(headers)
                .isEqualTo(new ChangeRecordHeaders(POSITION, OptionalInt.empty(), OptionalInt.empty(), null));
        assertThat(headers.isSnapshot()).isFalse();
    }

    @Test
    void a_missing_position_names_record_and_header() {
        assertThatThrownBy(() -> ChangeRecordHeaders.of(Records.record("orders", "k", "v")))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION))
                .hasMessageContaining("orders-3@42 has no header cdc.position");
    }

    @Test
    void an_unreadable_header_shows_its_text() {
        assertThatThrownBy(() ->
                        ChangeRecordHeaders.of(Records.record("orders", "k", "v", HeaderNames.POSITION, "yesterday")))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("unreadable header cdc.position: 'yesterday'");
        assertThatThrownBy(() -> ChangeRecordHeaders.of(Records.record(
                        "orders", "k", "v", HeaderNames.POSITION, POSITION.toString(), HeaderNames.SCHEMA_ID, "x1")))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("unreadable header cdc.schema.id: 'x1'");
    }
}
