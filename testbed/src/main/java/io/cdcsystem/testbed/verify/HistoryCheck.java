package io.cdcsystem.testbed.verify;

import io.cdcsystem.testbed.verify.TopicHistory.Change;
import io.cdcsystem.testbed.verify.TopicHistory.KeyHistory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Holds the topics against the audit, key by key: a snapshot row must equal the row after some audited change, and behind
 * it must come exactly the changes that followed, in order.
 */
public final class HistoryCheck {
    private record Audited(String op, long version) {}

    private final TopicHistory topics;
    private final Findings findings;
    private final boolean rowsMayBeDiscarded;
    private long lost;
    private long invented;

    private HistoryCheck(TopicHistory topics, Findings findings, boolean rowsMayBeDiscarded) {
        this.topics = topics;
        this.findings = findings;
        this.rowsMayBeDiscarded = rowsMayBeDiscarded;
    }

    /**
     * Compares whole tables; the audit must be at rest.
     *
     * @return changes that are missing or out of place in the topics, and those that no audit knows
     */
    public static Result run(Connection database, List<String> tables, TopicHistory topics, Findings findings)
            throws SQLException {
        return run(database, tables, new HistoryCheck(topics, findings, false));
    }

    /**
     * The same for topics that an at-least-once pipeline wrote which was killed within its snapshot. A snapshot row of an
     * attempt that no checkpoint remembers may be followed by changes that it contains; each of these still comes once,
     * and in order.
     */
    public static Result runAfterKills(Connection database, List<String> tables, TopicHistory topics, Findings findings)
            throws SQLException {
        return run(database, tables, new HistoryCheck(topics, findings, true));
    }

    private static Result run(Connection database, List<String> tables, HistoryCheck check) throws SQLException {
        for (String table : tables) {
            check.table(database, table);
        }
        return new Result(check.lost, check.invented);
    }

    /**
     * What was found.
     *
     * @param lost audited changes that no topic shows
     * @param invented changes in topics that no audit knows
     */
    public record Result(long lost, long invented) {
        /** Whether audit and topics say the same. */
        public boolean isClean() {
            return lost == 0 && invented == 0;
        }
    }

    private void table(Connection database, String table) throws SQLException {
        Map<String, List<Audited>> audit = new HashMap<>();
        boolean autoCommit = database.getAutoCommit();
        database.setAutoCommit(false);
        try (Statement statement = database.createStatement()) {
            statement.setFetchSize(10_000);
            try (ResultSet rows = statement.executeQuery(
                    "SELECT key, op, v FROM audit.change WHERE tab = '" + table + "' ORDER BY seq")) {
                while (rows.next()) {
                    audit.computeIfAbsent(rows.getString(1), key -> new ArrayList<>(2))
                            .add(new Audited(rows.getString(2), rows.getLong(3)));
                }
            }
        }
        database.setAutoCommit(autoCommit);
        Map<String, KeyHistory> published = topics.table(table);
        audit.forEach((key, changes) -> {
            KeyHistory history = published.get(key);
            compare(table + " " + key, changes, history == null ? List.of() : history.changes);
        });
        published.forEach((key, history) -> {
            if (!audit.containsKey(key)) {
                invented += history.changes.size();
                findings.add(table + " " + key + ": published, but no audit knows it");
            }
        });
    }

    /**
     * Walks both sequences; {@code next} is the audited change that has to come, {@code afterLog} the one behind the last
     * change of the log.
     */
    private void compare(String key, List<Audited> audited, List<Change> published) {
        int logged = (int)
                published.stream().filter(change -> !change.op().equals("r")).count();
        int next = -1;
        int afterLog = 0;
        for (Change change : published) {
            boolean row = change.op().equals("r");
            int at = row
                    ? behindVersion(audited, change.version(), Math.max(next, 0))
                    : position(audited, change, next, logged);
            if (at < 0 && !row && rowsMayBeDiscarded) {
                at = firstMatch(audited, change, afterLog);
            }
            if (at < 0) {
                invented++;
                findings.add(key + ": " + change + " of " + published + " has no place in the audit " + audited);
                return;
            }
            next = at;
            afterLog = row ? afterLog : at;
        }
        boolean neverSeen = next < 0;
        int missing = neverSeen ? missingOfUnseen(audited) : audited.size() - next;
        if (missing > 0) {
            lost += missing;
            findings.add(key + ": " + missing + " changes missing at the end; published " + published + ", audited "
                    + audited);
        }
    }

    /** A key that no topic shows may only have lived before the snapshot. */
    private static int missingOfUnseen(List<Audited> audited) {
        return audited.get(audited.size() - 1).op().equals("d") ? 0 : audited.size();
    }

    /** Index behind the audited change that wrote this version, at or behind {@code from}; -1 where there is none. */
    private static int behindVersion(List<Audited> audited, long version, int from) {
        for (int i = Math.max(from - 1, 0); i < audited.size(); i++) {
            Audited candidate = audited.get(i);
            if (!candidate.op().equals("d") && candidate.version() == version) {
                return i + 1;
            }
        }
        return -1;
    }

    /** Index behind this change: the next audited one, or for a key's first sight the one that leaves room for what follows. */
    private static int position(List<Audited> audited, Change change, int next, int logged) {
        if (next >= 0) {
            return next < audited.size() && matches(audited.get(next), change) ? next + 1 : -1;
        }
        // A key that no snapshot row shows was read whole: what the log gave is the end of its history, as far as all
        // of
        // it has arrived. Rows of a later snapshot are no part of it.
        int suffix = audited.size() - logged;
        if (suffix >= 0 && suffix < audited.size() && matches(audited.get(suffix), change)) {
            return suffix + 1;
        }
        return firstMatch(audited, change, 0);
    }

    private static int firstMatch(List<Audited> audited, Change change, int from) {
        for (int i = from; i < audited.size(); i++) {
            if (matches(audited.get(i), change)) {
                return i + 1;
            }
        }
        return -1;
    }

    private static boolean matches(Audited audited, Change change) {
        boolean versionKnown = change.version() != 0;
        return audited.op().equals(change.op()) && (!versionKnown || audited.version() == change.version());
    }
}
