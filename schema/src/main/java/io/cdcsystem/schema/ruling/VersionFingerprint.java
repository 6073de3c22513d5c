package io.cdcsystem.schema.ruling;

import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names a table version by its content, the same in every run and build: what a decision is about.
 *
 * <p>Into it go the table's full name, the columns in their order with name, type and its parameters, nullability and
 * default, the database's name of the type, and the primary key. It never changes, since decisions are kept for ever.
 */
public final class VersionFingerprint {
    private static final int BYTES = 8;

    private VersionFingerprint() {}

    /** 16 hexadecimal digits. */
    public static String of(TableSchema table) {
        StringBuilder text = new StringBuilder("1:");
        TableId id = table.id();
        part(text, id.database());
        part(text, id.schema());
        part(text, id.name());
        text.append(table.columns().size()).append(':');
        for (Column column : table.columns()) {
            part(text, column.name());
            type(text, column.type());
            text.append(column.nullable() ? 'n' : 'r');
            FieldValue value = column.defaultValue();
            part(text, value == null ? "-" : value.toString());
            part(text, column.sourceType());
        }
        table.primaryKey().forEach(key -> part(text, key));
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    private static void type(StringBuilder text, ColumnType type) {
        part(text, type.kind().name());
        text.append(type.precision()).append(',').append(type.scale()).append(',');
        text.append(type.labels().size()).append(':');
        type.labels().forEach(label -> part(text, label));
        ColumnType element = type.element();
        if (element != null) {
            type(text, element);
        }
    }

    /** With its length before it, so that no two versions read the same. */
    private static void part(StringBuilder text, String part) {
        text.append(part.length()).append(':').append(part);
    }
}
