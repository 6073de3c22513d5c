package io.cdcsystem.schema.ruling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.schema.authority.VersionRequest;
import io.cdcsystem.schema.change.ChangeOrigin;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.compatibility.CompatibilityMode;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("E7")
class NoticeJsonTest {
    private static final TableId ORDERS = new TableId("shop", "public", "orders");
    private static final Column ID = new Column("id", ColumnType.of(Kind.INT32), false, null, "int4");
    private static final TableSchema BEFORE = new TableSchema(
            ORDERS,
            List.of(
                    ID,
                    new Column("total", ColumnType.of(Kind.INT64), true, null, "int8"),
                    new Column(
                            "state",
                            ColumnType.of(Kind.STRING),
                            false,
                            new FieldValue("new".getBytes(StandardCharsets.UTF_8)),
                            "text")),
            List.of("id"));
    private static final TableSchema AFTER = new TableSchema(
            ORDERS, List.of(ID, new Column("sum", ColumnType.of(Kind.INT64), true, null, "int8")), List.of("id"));
    private static final SchemaDecision DECISION = new SchemaDecision(
            "shop.public.orders",
            VersionFingerprint.of(AFTER),
            SchemaDecision.Kind.APPROVED,
            "ann",
            "agreed with billing",
            Instant.parse("2026-03-01T10:00:00Z"));

    @Test
    void a_notice_says_all_of_it() throws IOException {
        TableChange change = new TableChange(
                BEFORE,
                AFTER,
                Map.of("total", "sum"),
                false,
                ChangeOrigin.DDL,
                "ALTER TABLE orders RENAME total TO sum; ALTER TABLE orders DROP state");
        SchemaNotice notice = new SchemaNotice(
                new VersionRequest(
                        change,
                        List.of(BEFORE),
                        new Position(1, 0x2000, 4),
                        new TransactionInfo(742, 0x2000, 0x1000, 1_772_359_200_000_001L)),
                new SchemaIds(3, 4),
                new SchemaIds(3, 5),
                CompatibilityMode.BACKWARD,
                NoticeVerdict.APPROVED,
                List.of("column total (int8) is renamed to sum: gone", "column state (text) is dropped: gone"),
                DECISION);

        assertThat(NoticeJson.key(notice)).isEqualTo("{\"table\":\"shop.public.orders\"}");
        assertGolden("schema-notice-alter.json", NoticeJson.value(notice));
    }

    @Test
    void what_is_not_known_is_null() throws IOException {
        TableChange drop = new TableChange(BEFORE, null, Map.of(), false, ChangeOrigin.INFERRED, null);
        SchemaNotice notice = new SchemaNotice(
                new VersionRequest(drop, List.of(), new Position(1, 0x3000, 0), null),
                SchemaIds.NONE,
                SchemaIds.NONE,
                CompatibilityMode.FULL_TRANSITIVE,
                NoticeVerdict.COMPATIBLE,
                List.of(),
                null);

        assertGolden("schema-notice-drop.json", NoticeJson.value(notice));
    }

    @Test
    void a_default_that_topics_cannot_express_is_left_out() throws IOException {
        byte[] nan = ByteBuffer.allocate(Integer.BYTES)
                .putInt(ColumnType.DECIMAL_NAN)
                .array();
        Column rate = new Column("rate", ColumnType.of(Kind.VARIABLE_DECIMAL), true, new FieldValue(nan), "numeric");
        Column share = new Column("share", ColumnType.decimal(5, 2), true, new FieldValue(nan), "numeric");
        byte[] notFinite =
                ByteBuffer.allocate(Double.BYTES).putDouble(Double.NaN).array();
        Column weight = new Column("weight", ColumnType.of(Kind.FLOAT64), true, new FieldValue(notFinite), "float8");
        TableSchema table = new TableSchema(ORDERS, List.of(rate, share, weight), List.of());
        SchemaNotice notice = new SchemaNotice(
                new VersionRequest(
                        TableChange.first(table, ChangeOrigin.SNAPSHOT), List.of(), new Position(1, 0x3000, 0), null),
                SchemaIds.NONE,
                SchemaIds.NONE,
                CompatibilityMode.BACKWARD,
                NoticeVerdict.COMPATIBLE,
                List.of(),
                null);

        JsonNode columns = new ObjectMapper()
                .readTree(NoticeJson.value(notice))
                .path("after")
                .path("columns");
        assertThat(columns).hasSize(3);
        assertThat(columns.path(0).has("default")).isFalse();
        assertThat(columns.path(1).has("default")).isFalse();
        assertThat(columns.path(2).path("default").textValue()).isEqualTo("NaN");
    }

    @Test
    @Tag("E9")
    void a_decision_is_read_as_it_was_written() throws IOException {
        assertGolden("schema-decision.json", DECISION.toJson());
        assertThat(SchemaDecision.parse(DECISION.toJson())).isEqualTo(DECISION);
        assertThatThrownBy(() -> SchemaDecision.parse(DECISION.toJson().replace("\"approved\"", "\"yes\"")))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("neither approved nor rejected")
                .hasMessageContaining("./cdc schema approve");
        assertThatThrownBy(() -> SchemaDecision.parse("{}")).hasMessageContaining("decision");
        assertThatThrownBy(() -> SchemaDecision.parse("nonsense")).isInstanceOf(CdcException.class);
    }

    @Test
    void a_fingerprint_never_changes_and_tells_every_part_apart() {
        assertThat(VersionFingerprint.of(BEFORE)).isEqualTo("809628957e1d345a");
        assertThat(VersionFingerprint.of(new TableSchema(ORDERS, BEFORE.columns(), List.of())))
                .isNotEqualTo(VersionFingerprint.of(BEFORE));
        assertThat(VersionFingerprint.of(table("a", ColumnType.decimal(10, 2))))
                .isNotEqualTo(VersionFingerprint.of(table("a", ColumnType.decimal(10, 1))))
                .isEqualTo(VersionFingerprint.of(table("a", ColumnType.decimal(10, 2))));
        assertThat(VersionFingerprint.of(table("a", ColumnType.enumeration(List.of("x", "yz")))))
                .isNotEqualTo(VersionFingerprint.of(table("a", ColumnType.enumeration(List.of("xy", "z")))));
        assertThat(VersionFingerprint.of(table("a", ColumnType.array(ColumnType.of(Kind.INT32)))))
                .isNotEqualTo(VersionFingerprint.of(table("a", ColumnType.array(ColumnType.of(Kind.INT64)))));
    }

    private static TableSchema table(String column, ColumnType type) {
        return new TableSchema(ORDERS, List.of(new Column(column, type, true, null, "t")), List.of());
    }

    private static void assertGolden(String name, String json) throws IOException {
        try (InputStream file = NoticeJsonTest.class.getResourceAsStream("/golden/" + name)) {
            String expected = new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8);
            assertThat(new ObjectMapper().readTree(json).toPrettyString()).isEqualToIgnoringNewLines(expected.strip());
        }
    }
}
