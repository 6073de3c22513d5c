package io.cdcsystem.source.postgres;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.sql.SQLException;

/** Says what an error of the server means for us, by its SQLSTATE. Stateless. */
public final class PgFailures {
    private PgFailures() {}

    /**
     * The error to throw.
     *
     * @param otherwise the code for a state that says nothing by itself
     * @param doing what was attempted, as a participle: {@code reading chunk 3 of public.orders}
     */
    public static CdcException of(SQLException e, ErrorCode otherwise, String doing) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String said = e.getMessage();
        String message = doing + " failed: " + said;
        if (state.equals("28P01") || state.equals("28000")) {
            return new CdcException(
                    ErrorCode.DATABASE_UNREACHABLE,
                    message + "; check username, password and the server's pg_hba.conf",
                    e);
        }
        if (state.equals("3D000")) {
            return new CdcException(
                    ErrorCode.DATABASE_UNREACHABLE, message + "; correct the database's name or create it", e);
        }
        if (state.startsWith("08") || state.startsWith("57P")) {
            return new CdcException(
                    ErrorCode.DATABASE_UNREACHABLE,
                    message + "; check that the server runs and is reachable from here",
                    e);
        }
        if (state.equals("42501")) {
            return new CdcException(
                    ErrorCode.PRIVILEGE_MISSING, message + "; grant the role what the message names", e);
        }
        return new CdcException(otherwise, message, e);
    }
}
