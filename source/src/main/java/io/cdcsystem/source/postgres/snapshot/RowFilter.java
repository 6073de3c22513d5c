package io.cdcsystem.source.postgres.snapshot;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.postgres.PgFailures;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a table are asked for: what the configuration says of it, and what a single snapshot is limited to.
 *
 * @param table the table
 * @param conditions all of which a row has to fulfil, as people wrote them; none for every row
 * @param ordered whether one of them came with a request for a single snapshot, which whatever it does must not stop the
 *     pipeline
 */
record RowFilter(TableId table, List<String> conditions, boolean ordered) {

    /** Rejects what would not stay within its parentheses. */
    RowFilter {
        conditions = List.copyOf(conditions);
        for (String condition : conditions) {
            String flaw = ConditionSyntax.flaw(condition);
            if (flaw != null) {
                throw rejected(table, condition, flaw, null);
            }
        }
    }

    /** The table's own and the snapshot's condition, of which either may be absent. */
    static RowFilter of(TableId table, @Nullable String own, @Nullable String condition) {
        List<String> conditions = new ArrayList<>();
        if (own != null) {
            conditions.add(own);
        }
        if (condition != null) {
            conditions.add(condition);
        }
        return new RowFilter(table, conditions, condition != null);
    }

    boolean isEmpty() {
        return conditions.isEmpty();
    }

    /** As an operand of AND; empty for every row. */
    String sql() {
        return conditions.stream().map(condition -> "(" + condition + ")").collect(Collectors.joining(" AND "));
    }

    /** A WHERE clause of {@code range} and this, with a leading blank; empty where both are. */
    String where(String range) {
        String joined = range.isEmpty() || isEmpty() ? range + sql() : range + " AND " + sql();
        return joined.isEmpty() ? "" : " WHERE " + joined;
    }

    /** What an error of a query with this filter means. */
    CdcException failure(SQLException e, String doing) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        boolean ofExpression = state.startsWith("42") || state.startsWith("22") || state.startsWith("21");
        boolean rejects = ordered ? !isOfServer(state) : ofExpression && !state.equals("42501");
        if (isEmpty() || !rejects) {
            return PgFailures.of(e, ErrorCode.SNAPSHOT_FAILED, doing);
        }
        return rejected(table, sql(), "the server says: " + e.getMessage(), e);
    }

    /** Whether the state speaks of connections, resources, locks or the server itself, and not of what was asked. */
    private static boolean isOfServer(String state) {
        return state.isEmpty()
                || state.startsWith("08")
                || state.startsWith("40")
                || state.startsWith("53")
                || state.startsWith("55")
                || state.startsWith("57")
                || state.startsWith("58")
                || state.startsWith("XX");
    }

    private static CdcException rejected(TableId table, String condition, String why, @Nullable Throwable cause) {
        return new CdcException(
                ErrorCode.CONDITION_REJECTED,
                "the condition on the rows of " + table + " cannot be used: " + condition + ": " + why
                        + "; write it as what stands behind WHERE",
                cause);
    }
}
