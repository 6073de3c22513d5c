package io.cdcsystem.consumer;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.wire.HeaderNames;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * What a record says of itself outside of its value.
 *
 * @param position where the change stands in its source's order
 * @param schemaId the registry's id of the value's schema; empty where no registry is used, and on tombstones
 * @param generation the snapshot generation that read the row, or found it gone; empty for changes of the log
 * @param readAt where that generation stands in the source's order; null for changes of the log
 */
public record ChangeRecordHeaders(
        Position position,
        OptionalInt schemaId,
        OptionalInt generation,
        @Nullable Position readAt) {

    /**
     * Reads the headers of a record.
     *
     * @throws CdcException {@code PROTOCOL_VIOLATION} naming record and header when one is missing or not readable
     */
    public static ChangeRecordHeaders of(ConsumerRecord<?, ?> record) {
        String text = text(record, HeaderNames.POSITION);
        if (text == null) {
            throw new CdcException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    where(record) + " has no header " + HeaderNames.POSITION
                            + ": it was not written by this system, or something on its way drops headers");
        }
        Position position = position(record, HeaderNames.POSITION, text);
        OptionalInt generation = number(record, HeaderNames.GENERATION);
        Position readAt = null;
        if (generation.isPresent()) {
            String other = text(record, HeaderNames.GENERATION_POSITION);
            readAt = other == null ? position : position(record, HeaderNames.GENERATION_POSITION, other);
        }
        return new ChangeRecordHeaders(position, number(record, HeaderNames.SCHEMA_ID), generation, readAt);
    }

    /** Whether a snapshot says it: a row that it read, or the delete of one that it did not find. */
    public boolean isSnapshot() {
        return generation.isPresent();
    }

    static String where(ConsumerRecord<?, ?> record) {
        return "the record at " + record.topic() + "-" + record.partition() + "@" + record.offset();
    }

    private static Position position(ConsumerRecord<?, ?> record, String name, String text) {
        try {
            return Position.parse(text);
        } catch (IllegalArgumentException e) {
            throw unreadable(record, name, text, e);
        }
    }

    private static OptionalInt number(ConsumerRecord<?, ?> record, String name) {
        String text = text(record, name);
        if (text == null) {
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of(Integer.parseInt(text));
        } catch (NumberFormatException e) {
            throw unreadable(record, name, text, e);
        }
    }

    private static @Nullable String text(ConsumerRecord<?, ?> record, String name) {
        Header header = record.headers().lastHeader(name);
        if (header == null || header.value() == null) {
            return null;
        }
        return new String(header.value(), StandardCharsets.UTF_8);
    }

    private static CdcException unreadable(
            ConsumerRecord<?, ?> record, String name, String text, IllegalArgumentException cause) {
        return new CdcException(
                ErrorCode.PROTOCOL_VIOLATION,
                where(record) + " has an unreadable header " + name + ": '" + text
                        + "'; it was not written by this system, or by a newer one",
                cause);
    }
}
