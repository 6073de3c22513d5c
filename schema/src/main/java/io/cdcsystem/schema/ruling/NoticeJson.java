package io.cdcsystem.schema.ruling;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.envelope.ColumnSchemas;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.field.JsonFieldEncoders;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.TableSchema;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Notices as the records of their topic. */
public final class NoticeJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private NoticeJson() {}

    /** {@code {"table": "database.schema.table"}}: the record's key, under the table's old name where it was renamed. */
    public static String key(SchemaNotice notice) {
        return JSON.createObjectNode()
                .put("table", SchemaDecision.tableName(notice.request().change().table()))
                .toString();
    }

    /** The record's value; {@code docs/schema-evolution.md} says what each field means. */
    public static String value(SchemaNotice notice) {
        TableChange change = notice.request().change();
        ObjectNode root = JSON.createObjectNode();
        root.put("id", notice.id())
                .put("table", SchemaDecision.tableName(change.table()))
                .put("kind", notice.kind())
                .put("origin", change.origin().name().toLowerCase(Locale.ROOT))
                .put("statement", change.statement());
        root.set("before", definition(change.before()));
        root.set("after", definition(change.after()));
        ObjectNode renamed = root.putObject("renamedColumns");
        new TreeMap<>(change.renamedColumns()).forEach(renamed::put);
        root.put("rewritten", change.rewritten())
                .put("position", notice.request().position().toString());
        TransactionInfo transaction = notice.request().transaction();
        root.put("transactionId", transaction == null ? null : transaction.id());
        root.put(
                "commitTime",
                transaction == null
                        ? null
                        : Instant.EPOCH
                                .plus(transaction.commitMicros(), ChronoUnit.MICROS)
                                .toString());
        ObjectNode ids = root.putObject("schemaIds");
        ids.set("before", ids(notice.before()));
        ids.set("after", ids(notice.after()));
        root.put("compatibility", notice.mode().configName())
                .put("fingerprint", notice.fingerprint())
                .put("verdict", notice.verdict().text());
        ArrayNode breaks = root.putArray("breaks");
        notice.breaks().forEach(breaks::add);
        root.set("decision", decision(notice.decision()));
        return root.toString();
    }

    private static @Nullable JsonNode ids(SchemaIds ids) {
        return ids.value() == 0
                ? null
                : JSON.createObjectNode()
                        .put("key", ids.key() == 0 ? null : ids.key())
                        .put("value", ids.value());
    }

    private static @Nullable JsonNode decision(@Nullable SchemaDecision decision) {
        return decision == null
                ? null
                : JSON.createObjectNode()
                        .put("by", decision.by())
                        .put("at", decision.at().toString())
                        .put("reason", decision.reason());
    }

    private static @Nullable JsonNode definition(@Nullable TableSchema table) {
        if (table == null) {
            return null;
        }
        ObjectNode root = JSON.createObjectNode().put("table", SchemaDecision.tableName(table.id()));
        ArrayNode columns = root.putArray("columns");
        for (Column column : table.columns()) {
            ObjectNode one = columns.addObject()
                    .put("name", column.name())
                    .put("type", column.sourceType())
                    .put("nullable", column.nullable());
            // One that topics cannot express stands in no schema either; NaN must not stop the notice.
            byte[] value = ColumnSchemas.expressibleDefault(column);
            if (value != null) {
                one.set("default", constant(table, column, value));
            }
            one.put("key", table.primaryKey().contains(column.name()));
        }
        ArrayNode key = root.putArray("primaryKey");
        table.primaryKey().forEach(key::add);
        return root;
    }

    /** As the column's values stand in events written as JSON. */
    private static JsonNode constant(TableSchema table, Column column, byte[] value) {
        byte[] json = JsonFieldEncoders.of(column.type(), table.id() + "." + column.name())
                .encode(value);
        try {
            return JSON.readTree(new String(json, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a default of " + table.id() + "." + column.name() + " is no JSON", e);
        }
    }
}
