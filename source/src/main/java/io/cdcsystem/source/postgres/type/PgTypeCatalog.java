package io.cdcsystem.source.postgres.type;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Resolves type oids against a database's catalog, and remembers them.
 *
 * <p>Belongs to the thread of its connection, which it does not close.
 */
public final class PgTypeCatalog {
    private static final int FIRST_USER_OID = 16_384;

    private static final String TYPE_SQL = "SELECT t.typname, t.typtype::text, t.typbasetype::bigint, t.typtypmod,"
            + " pg_catalog.format_type(t.oid, ?),"
            + " CASE WHEN e.typarray = t.oid THEN e.oid::bigint ELSE 0 END"
            + " FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem"
            + " WHERE t.oid = CAST(? AS bigint)::oid";
    private static final String LABELS_SQL = "SELECT enumlabel FROM pg_catalog.pg_enum"
            + " WHERE enumtypid = CAST(? AS bigint)::oid ORDER BY enumsortorder";

    private final Connection connection;
    private final Map<Key, PgType> types = new HashMap<>();

    private record Key(int oid, int typmod) {}

    /** Looks types up through {@code connection}, which stays the caller's. */
    public PgTypeCatalog(Connection connection) {
        this.connection = connection;
    }

    /**
     * The type of a column, array element or domain.
     *
     * @param oid the type's oid, unsigned
     * @param typmod its modifier, -1 for none
     */
    public PgType resolve(int oid, int typmod) {
        Key key = new Key(oid, typmod);
        PgType cached = types.get(key);
        if (cached != null) {
            return cached;
        }
        try {
            PgType type = lookUp(oid, typmod);
            types.put(key, type);
            return type;
        } catch (SQLException e) {
            throw new CdcException(
                    ErrorCode.DATABASE_UNREACHABLE,
                    "the catalog entry of type " + Integer.toUnsignedString(oid) + " could not be read: "
                            + e.getMessage() + "; check the connection to the database",
                    e);
        }
    }

    /** Forgets the types that users can alter, so that a new enum label is seen. */
    public void forgetUserTypes() {
        types.keySet().removeIf(key -> Integer.compareUnsigned(key.oid(), FIRST_USER_OID) >= 0);
    }

    private PgType lookUp(int oid, int typmod) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TYPE_SQL)) {
            statement.setInt(1, typmod);
            statement.setLong(2, Integer.toUnsignedLong(oid));
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    // Dropped since: the log may reach further back than the catalog.
                    return BuiltInTypes.textOnly(oid, "oid " + Integer.toUnsignedString(oid), Kind.OPAQUE);
                }
                return resolve(
                        oid,
                        typmod,
                        row.getString(1),
                        row.getString(2),
                        (int) row.getLong(3),
                        row.getInt(4),
                        row.getString(5),
                        (int) row.getLong(6));
            }
        }
    }

    private PgType resolve(
            int oid, int typmod, String typname, String typtype, int base, int baseTypmod, String name, int element)
            throws SQLException {
        PgType builtIn = BuiltInTypes.resolve(oid, typmod, name);
        if (builtIn != null) {
            return builtIn;
        }
        if (element != 0) {
            PgType elementType = resolve(element, typmod);
            return elementType.known()
                    ? BuiltInTypes.array(oid, name, elementType)
                    : BuiltInTypes.textOnly(oid, name, Kind.OPAQUE);
        }
        return switch (typtype) {
            case "d" -> {
                PgType resolved = resolve(base, baseTypmod);
                yield new PgType(oid, name, resolved.columnType(), resolved.known(), resolved.decoder());
            }
            case "e" -> BuiltInTypes.enumeration(oid, name, labels(oid));
            case "r" -> BuiltInTypes.textOnly(oid, name, Kind.STRING);
            default ->
                typname.equals("citext")
                        ? new PgType(oid, name, ColumnType.of(Kind.STRING), true, ScalarDecoder.TEXT)
                        : BuiltInTypes.textOnly(oid, name, Kind.OPAQUE);
        };
    }

    private List<String> labels(int oid) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(LABELS_SQL)) {
            statement.setLong(1, Integer.toUnsignedLong(oid));
            try (ResultSet rows = statement.executeQuery()) {
                List<String> labels = new ArrayList<>();
                while (rows.next()) {
                    labels.add(rows.getString(1));
                }
                return labels;
            }
        }
    }
}
