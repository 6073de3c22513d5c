package io.cdcsystem.schema.ruling;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a person decided on a version that breaks compatibility. The last decision on a version holds.
 *
 * @param table the table as {@link #tableName} writes it
 * @param fingerprint the version's {@link VersionFingerprint}
 * @param kind the decision
 * @param by who decided
 * @param reason why; null where nothing was said
 * @param at when
 */
public record SchemaDecision(
        String table,
        String fingerprint,
        Kind kind,
        String by,
        @Nullable String reason,
        Instant at) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Yes or no. */
    public enum Kind {
        /** The version is registered and published. */
        APPROVED,
        /** Its events go to the dead-letter topic. */
        REJECTED;

        /** As decisions write it. */
        public String text() {
            return this == APPROVED ? "approved" : "rejected";
        }
    }

    /** Rejects missing parts. */
    public SchemaDecision {
        if (table.isEmpty() || fingerprint.isEmpty() || by.isEmpty()) {
            throw new IllegalArgumentException("a decision says on which version of which table, and whose it is");
        }
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(at, "at");
    }

    /** {@code database.schema.table}, as notices and decisions name a table. */
    public static String tableName(TableId table) {
        return table.schema().isEmpty() ? table.toString() : table.database() + "." + table;
    }

    /** The decision in words. */
    public String text() {
        return kind.text() + " by " + by + " at " + at + (reason == null ? "" : ": " + reason);
    }

    /** The record's value on the decisions' topic. */
    public String toJson() {
        return JSON.createObjectNode()
                .put("table", table)
                .put("fingerprint", fingerprint)
                .put("decision", kind.text())
                .put("by", by)
                .put("reason", reason)
                .put("at", at.toString())
                .toString();
    }

    /** Reads what {@link #toJson} wrote; an error names what is wrong with it. */
    public static SchemaDecision parse(String json) {
        try {
            JsonNode node = JSON.readTree(json);
            String word = text(node, "decision");
            Kind kind = Kind.APPROVED.text().equals(word) ? Kind.APPROVED : Kind.REJECTED;
            if (!kind.text().equals(word)) {
                throw new IllegalArgumentException("decision is neither approved nor rejected but '" + word + "'");
            }
            String reason = node.path("reason").textValue();
            return new SchemaDecision(
                    text(node, "table"),
                    text(node, "fingerprint"),
                    kind,
                    text(node, "by"),
                    reason,
                    Instant.parse(text(node, "at")));
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID,
                    "not a decision on a schema: " + e.getMessage() + "; write decisions with ./cdc schema approve or"
                            + " reject",
                    e);
        }
    }

    private static String text(JsonNode node, String field) {
        String text = node.path(field).textValue();
        if (text == null) {
            throw new IllegalArgumentException("it has no text " + field);
        }
        return text;
    }
}
