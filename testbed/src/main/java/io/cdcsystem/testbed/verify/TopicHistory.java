package io.cdcsystem.testbed.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer of the topics knows after reading them: per table and key the sequence of changes without repeats, and
 * the newest row.
 *
 * <p>A record is a repeat exactly when its position header equals one that its key has shown before.
 */
public final class TopicHistory {
    /**
     * A change of a key.
     *
     * @param op the envelope's operation code
     * @param version the audit's {@code v} of the row; of the old row for a delete, 0 where it was not logged
     * @param position the position header
     */
    public record Change(String op, long version, String position) {}

    /** All that is known of one key. */
    static final class KeyHistory {
        final List<Change> changes = new ArrayList<>();

        @Nullable
        JsonNode row;
    }

    private final Map<String, Map<String, KeyHistory>> tables = new TreeMap<>();
    private final Findings findings = new Findings();
    private long records;
    private long snapshotRows;
    private long rereads;
    private long repeats;
    private long disordered;
    private long tombstones;
    private long truncates;

    /** Takes the next record of its partition. */
    public void accept(TopicEvent event) {
        String table = event.topic().substring(event.topic().lastIndexOf('.') + 1);
        if (event.value() != null && "t".equals(event.value().path("op").asText())) {
            // Of no key: what it deletes is told apart, key by key, or is of no interest to the one who asks.
            truncates++;
            return;
        }
        KeyHistory key = tables.computeIfAbsent(table, t -> new HashMap<>())
                .computeIfAbsent(event.keyText(), k -> new KeyHistory());
        JsonNode value = event.value();
        if (value == null) {
            acceptTombstone(event, key);
            return;
        }
        records++;
        String op = value.path("op").asText();
        boolean read = "r".equals(op);
        if (!key.changes.isEmpty() && isKnown(event, key, op)) {
            return;
        }
        snapshotRows += read ? 1 : 0;
        JsonNode image = "d".equals(op) ? value.path("before") : value.path("after");
        key.changes.add(new Change(op, image.path("v").asLong(0), event.position()));
        key.row = "d".equals(op) ? null : value.get("after");
    }

    private boolean isKnown(TopicEvent event, KeyHistory key, String op) {
        Change last = key.changes.get(key.changes.size() - 1);
        if (key.changes.stream().anyMatch(change -> change.position().equals(event.position()))) {
            repeats++;
            return true;
        }
        if (event.position().compareTo(last.position()) < 0) {
            disordered++;
            findings.add(event.topic() + " " + event.keyText() + ": " + op + " at " + event.position() + " came behind "
                    + last.position());
            return true;
        }
        rereads += "r".equals(op) ? 1 : 0;
        return false;
    }

    private void acceptTombstone(TopicEvent event, KeyHistory key) {
        tombstones++;
        boolean behindDelete = key.changes.stream()
                .anyMatch(change -> change.op().equals("d") && change.position().equals(event.position()));
        if (!behindDelete) {
            findings.add(event.topic() + " " + event.keyText() + ": a tombstone at " + event.position()
                    + " that follows no delete");
        }
    }

    Map<String, KeyHistory> table(String name) {
        return tables.getOrDefault(name, Map.of());
    }

    /** Records that are not tombstones, repeats included. */
    public long records() {
        return records;
    }

    /** Rows read by a snapshot, without repeats. */
    public long snapshotRows() {
        return snapshotRows;
    }

    /** Snapshot rows of a key that an earlier generation had published already. */
    public long rereads() {
        return rereads;
    }

    /** Records whose position header shows that they came before. */
    public long repeats() {
        return repeats;
    }

    /** Records behind a younger one of their key that are no repeats. */
    public long disordered() {
        return disordered;
    }

    /** Tombstones. */
    public long tombstones() {
        return tombstones;
    }

    /** Events that say that a table was truncated. */
    public long truncates() {
        return truncates;
    }

    /** What a consumer would stumble over without knowing the database: order and tombstones. */
    public List<String> findings() {
        return findings.texts();
    }
}
