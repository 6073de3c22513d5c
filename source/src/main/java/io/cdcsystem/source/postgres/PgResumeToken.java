package io.cdcsystem.source.postgres;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.source.split.ResumeToken;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PostgreSQL's resume token: the LSN behind the last transaction that was handed over.
 *
 * @param lsn the log sequence number, unsigned
 */
public record PgResumeToken(long lsn) {
    private static final Pattern PRINTED = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

    /** Reads a stored token. */
    public static PgResumeToken of(ResumeToken token) {
        byte[] bytes = token.toByteArray();
        if (bytes.length != Long.BYTES) {
            throw new CdcException(
                    ErrorCode.STATE_UNREADABLE,
                    "the stored position " + token + " is not a PostgreSQL LSN;"
                            + " start from a savepoint that this pipeline wrote");
        }
        return new PgResumeToken(BigEndian.getLong(bytes, 0));
    }

    /** Reads an LSN as PostgreSQL prints it; anything else is {@code CONFIG_INVALID}. */
    public static PgResumeToken parse(String text) {
        Matcher matcher = PRINTED.matcher(text.strip());
        if (!matcher.matches()) {
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID,
                    "'" + text + "' is not a PostgreSQL LSN; write it as the server does, for example 16/B374D848");
        }
        return new PgResumeToken(Long.parseLong(matcher.group(1), 16) << 32 | Long.parseLong(matcher.group(2), 16));
    }

    /** The form that is stored. */
    public ResumeToken toToken() {
        byte[] bytes = new byte[Long.BYTES];
        BigEndian.putLong(bytes, 0, lsn);
        return new ResumeToken(bytes);
    }

    /** An LSN as PostgreSQL prints it: {@code 16/B374D848}. */
    public static String print(long lsn) {
        return Long.toHexString(lsn >>> 32).toUpperCase(Locale.ROOT)
                + "/"
                + Integer.toHexString((int) lsn).toUpperCase(Locale.ROOT);
    }

    /** As PostgreSQL prints it. */
    @Override
    public String toString() {
        return print(lsn);
    }
}
