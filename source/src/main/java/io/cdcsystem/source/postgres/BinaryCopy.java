package io.cdcsystem.source.postgres;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.row.RowWriter;
import io.cdcsystem.source.postgres.type.PgType;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Reads {@code COPY (…) TO STDOUT (FORMAT binary)} row by row: the protocol sends one message per row, so memory is one
 * row's. Belongs to one thread.
 */
public final class BinaryCopy implements AutoCloseable {
    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0};
    private static final int HEADER_MIN = SIGNATURE.length + 2 * Integer.BYTES;

    private final CopyOut copy;
    private final List<PgType> types;
    private boolean headerSeen;
    private boolean trailerSeen;

    private BinaryCopy(CopyOut copy, List<PgType> types) {
        this.copy = copy;
        this.types = types;
    }

    /**
     * Starts copying out.
     *
     * @param select a query whose columns are {@link #expression} of {@code types}
     */
    public static BinaryCopy start(Connection connection, String select, List<PgType> types) throws SQLException {
        CopyOut out = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("COPY (" + select + ") TO STDOUT (FORMAT binary)");
        return new BinaryCopy(out, List.copyOf(types));
    }

    /** How a column has to be selected so that its type's decoder can read it. */
    public static String expression(String sql, PgType type) {
        // format('%s') is the output function, also for types that cannot be sent in binary; it turns NULL into ''.
        return type.known() ? sql : "CASE WHEN " + sql + " IS NULL THEN NULL ELSE format('%s', " + sql + ") END";
    }

    /** Decodes the next row behind what {@code out} holds; false at the end. */
    public boolean next(RowWriter out) throws SQLException {
        byte @Nullable [] message = copy.readFromCopy();
        if (message == null) {
            if (!trailerSeen) {
                throw violation("it ended without its trailer");
            }
            return false;
        }
        int at = 0;
        if (!headerSeen) {
            at = header(message);
            headerSeen = true;
            if (at == message.length) {
                return next(out);
            }
        }
        if (message.length - at < Short.BYTES) {
            throw violation("a row of " + (message.length - at) + " bytes");
        }
        int fields = BigEndian.getShort(message, at);
        if (fields == -1) {
            trailerSeen = true;
            return next(out);
        }
        if (trailerSeen || fields != types.size()) {
            throw violation("a row of " + fields + " fields where " + types.size() + " were asked for");
        }
        row(message, at + Short.BYTES, out);
        return true;
    }

    /** Whether rows may still come. */
    public boolean isActive() {
        return copy.isActive();
    }

    /** Ends an unfinished copy. */
    @Override
    public void close() throws SQLException {
        if (copy.isActive()) {
            copy.cancelCopy();
        }
    }

    private void row(byte[] message, int start, RowWriter out) {
        int at = start;
        for (int i = 0; i < types.size(); i++) {
            if (message.length - at < Integer.BYTES) {
                throw violation("a row ends before field " + i);
            }
            int length = BigEndian.getInt(message, at);
            at += Integer.BYTES;
            if (length == -1) {
                out.writeNull();
                continue;
            }
            if (length < 0 || length > message.length - at) {
                throw violation("field " + i + " claims " + length + " bytes");
            }
            PgType type = types.get(i);
            if (type.known()) {
                type.decoder().binary(message, at, length, out);
            } else {
                type.decoder().text(message, at, length, out);
            }
            at += length;
        }
        if (at != message.length) {
            throw violation((message.length - at) + " bytes behind a row's last field");
        }
    }

    private static int header(byte[] message) {
        if (message.length < HEADER_MIN
                || !Arrays.equals(message, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)) {
            throw violation("it does not begin with the signature");
        }
        int extension = BigEndian.getInt(message, SIGNATURE.length + Integer.BYTES);
        if (extension < 0 || extension > message.length - HEADER_MIN) {
            throw violation("a header extension of " + extension + " bytes");
        }
        return HEADER_MIN + extension;
    }

    private static CdcException violation(String what) {
        return new CdcException(
                ErrorCode.PROTOCOL_VIOLATION,
                "PostgreSQL's binary COPY broke its format: " + what
                        + "; check that no proxy between here and the server rewrites the protocol");
    }
}
