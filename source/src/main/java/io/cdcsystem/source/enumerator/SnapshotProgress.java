package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.table.TableId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How fast each table's snapshot goes, how long it will take, and when that is to be logged. Pure; coordinator thread only.
 *
 * <p>Speeds are not part of any state: after a restore they begin anew.
 */
public final class SnapshotProgress {
    /** How far back the speed looks. */
    static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** How often a table that is being read is logged. */
    static final long LINE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final LongSupplier nanoTime;
    private Map<TableId, Track> tracks = new LinkedHashMap<>();
    private int generation;

    /** Progress as of a clock like {@link System#nanoTime}. */
    public SnapshotProgress(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** One table over time. */
    private static final class Track {
        private final long since;
        private final long rowsBefore;
        private final RowRate rate;
        private TableStatus status;
        private long lastLine;
        private boolean readNow;

        Track(TableStatus status, long rowsBefore, long now) {
            this.status = status;
            this.since = now;
            this.rowsBefore = rowsBefore;
            this.rate = new RowRate(WINDOW_NANOS, rowsBefore, now);
            this.lastLine = now;
        }
    }

    /** Takes over how things stand now; a table that is not among them is forgotten. */
    public void update(int newestGeneration, Collection<TableStatus> tables) {
        long now = nanoTime.getAsLong();
        generation = newestGeneration;
        Map<TableId, Track> updated = new LinkedHashMap<>();
        for (TableStatus status : tables) {
            updated.put(status.table(), follow(tracks.get(status.table()), status, now));
        }
        tracks = updated;
    }

    private static Track follow(@Nullable Track before, TableStatus status, long now) {
        if (before == null) {
            // Rows of a restored table were read by an earlier attempt, at a speed of its own.
            Track first = new Track(status, status.rows(), now);
            first.rate.sample(status.rows(), now);
            return first;
        }
        boolean anew = status.run() != before.status.run() || status.rows() < before.status.rows();
        boolean begins = before.status.stage() != Stage.READING && status.stage() == Stage.READING;
        // A table waits for its turn, and that is not slowness.
        Track track = anew ? new Track(status, 0, now) : begins ? new Track(status, before.status.rows(), now) : before;
        boolean wasRead = !anew && before.status.stage().isRead();
        track.readNow = status.stage().isRead() && (before.readNow || !wasRead);
        track.status = status;
        track.rate.sample(status.rows(), now);
        return track;
    }

    /** Every table with its speed as of now, in the order given. */
    public List<TablePace> tables() {
        long now = nanoTime.getAsLong();
        return tracks.values().stream().map(track -> pace(track, now)).toList();
    }

    /** The lines to be logged now; each is handed out once. */
    public List<String> dueLines() {
        long now = nanoTime.getAsLong();
        List<String> lines = new ArrayList<>();
        for (Track track : tracks.values()) {
            if (track.readNow) {
                track.readNow = false;
                lines.add(readLine(track, now));
            } else if (track.status.stage() == Stage.READING && now - track.lastLine >= LINE_EVERY_NANOS) {
                track.lastLine = now;
                lines.add(readingLine(pace(track, now)));
            }
        }
        return lines;
    }

    private static TablePace pace(Track track, long now) {
        boolean reading = track.status.stage() == Stage.READING;
        return TablePace.of(track.status, reading ? track.rate.perSecond(now) : 0);
    }

    private StringBuilder head(TableStatus status) {
        return new StringBuilder("Snapshot of ")
                .append(status.table())
                .append(" (run ")
                .append(status.run())
                .append(", generation ")
                .append(generation)
                .append(')');
    }

    private String readingLine(TablePace pace) {
        TableStatus status = pace.status();
        StringBuilder line = head(status).append(": ").append(grouped(status.rows()));
        if (status.rowsEstimated() > status.rows()) {
            line.append(" of about ").append(grouped(status.rowsEstimated()));
        }
        line.append(" rows, ");
        if (pace.percent() != TablePace.UNKNOWN) {
            line.append(pace.percent()).append(" %, ");
        }
        line.append(grouped(status.chunksFinished()))
                .append(" of ")
                .append(grouped(status.chunksPlanned()))
                .append(status.planned() ? " chunks, " : "+ chunks, ")
                .append(grouped(pace.rowsPerSecond()))
                .append(" rows/s");
        if (pace.etaSeconds() != TablePace.UNKNOWN) {
            line.append(", about ").append(duration(pace.etaSeconds())).append(" left");
        }
        return line.toString();
    }

    private String readLine(Track track, long now) {
        TableStatus status = track.status;
        StringBuilder line = head(status)
                .append(" is read: ")
                .append(grouped(status.rows()))
                .append(" rows in ")
                .append(grouped(status.chunksFinished()))
                .append(" chunks");
        double seconds = (now - track.since) / (double) TimeUnit.SECONDS.toNanos(1);
        if (seconds >= 1) {
            line.append(", ").append(grouped(Math.round((status.rows() - track.rowsBefore) / seconds)));
            line.append(" rows/s");
        }
        return line.toString();
    }

    /** {@code 1 200 000}. */
    static String grouped(long number) {
        String digits = Long.toString(number);
        StringBuilder text = new StringBuilder(digits);
        for (int at = digits.length() - 3; at > 0; at -= 3) {
            text.insert(at, ' ');
        }
        return text.toString();
    }

    /** {@code 40 s}, {@code 12 min}, {@code 3 h 20 min}: no more exact than an estimate is. */
    static String duration(long seconds) {
        if (seconds < 120) {
            return seconds + " s";
        }
        long minutes = (seconds + 30) / 60;
        return minutes < 120 ? minutes + " min" : minutes / 60 + " h " + minutes % 60 + " min";
    }
}
