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
 * @param generation the snapshot generation that read the row; empty for changes of the log
 */
public record ChangeRecordHeaders(Position position, OptionalInt schemaId, OptionalInt generation) {

    /**
     * Reads the headers of a record.
     *
     * @throws CdcException {@code PROTOCOL_VIOLATION} naming record and header when one is missing or not readable
     */
    public static ChangeRecordHeaders of(ConsumerRecord<?, ?> record) {
        String position = text(record, HeaderNames.POSITION);
        if (position == null) {
            throw new CdcException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    where(record) + " has no header " + HeaderNames.POSITION
                            + ": it was not written by this system, or something on its way drops headers");
        }
        try {
            return new ChangeRecordHeaders(
                    Position.parse(position),
                    number(record, HeaderNames.SCHEMA_ID),
                    number(record, HeaderNames.GENERATION));
        } catch (IllegalArgumentException e) {
            throw unreadable(record, HeaderNames.POSITION, position, e);
        }
    }

    /** Whether the record is a row read by a snapshot. */
    public boolean isSnapshot() {
        return generation.isPresent();
    }

    static String where(ConsumerRecord<?, ?> record) {
        return "the record at " + record.topic() + "-" + record.partition() + "@" + record.offset();
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
