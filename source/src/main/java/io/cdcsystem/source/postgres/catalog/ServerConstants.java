package io.cdcsystem.source.postgres.catalog;

import io.cdcsystem.schema.row.RowCursor;
import io.cdcsystem.schema.row.RowWriter;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.source.postgres.BinaryCopy;
import io.cdcsystem.source.postgres.type.PgType;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Constant expressions, evaluated by the server in the very form that rows come in. Stateless. */
public final class ServerConstants {
    private ServerConstants() {}

    /** The values, in order; null stands for NULL. */
    public static List<@Nullable FieldValue> evaluate(
            Connection connection, List<String> constants, List<PgType> constantTypes) throws SQLException {
        List<@Nullable FieldValue> values = new ArrayList<>();
        if (constants.isEmpty()) {
            return values;
        }
        RowWriter row = new RowWriter();
        List<String> casts = new ArrayList<>();
        for (int i = 0; i < constants.size(); i++) {
            PgType type = constantTypes.get(i);
            casts.add(BinaryCopy.expression("CAST(" + constants.get(i) + " AS " + type.name() + ")", type));
        }
        String select = "SELECT " + String.join(", ", casts);
        try (BinaryCopy copy = BinaryCopy.start(connection, select, constantTypes)) {
            if (!copy.next(row)) {
                throw new SQLException("a SELECT of constants gave no row");
            }
            RowCursor cursor = new RowCursor().wrap(row.finish());
            while (cursor.next()) {
                byte[] payload = new byte[Math.max(0, cursor.length())];
                System.arraycopy(cursor.array(), cursor.offset(), payload, 0, payload.length);
                values.add(cursor.hasValue() ? new FieldValue(payload) : null);
            }
            if (copy.next(row)) {
                throw new SQLException("a SELECT of constants gave a second row");
            }
        }
        return values;
    }
}
