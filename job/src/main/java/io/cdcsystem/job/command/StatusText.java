package io.cdcsystem.job.command;

import io.cdcsystem.job.rest.JobStatus;
import io.cdcsystem.source.postgres.slot.CaptureReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A status for people: a line per part, the tables as a table. */
final class StatusText {
    private static final String UNKNOWN = "?";
    private static final List<String> COLUMNS =
            List.of("table", "stage", "run", "rows", "of about", "done", "chunks", "rows/s", "left");
    /** From here on a column holds numbers. */
    private static final int FIRST_NUMBER = 2;

    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private final StringBuilder text = new StringBuilder();

    private StatusText() {}

    static String of(PipelineStatus status) {
        StatusText writer = new StatusText();
        writer.line("pipeline", status.pipeline() + ": " + (status.isFine() ? status.verdict() : "not fine"));
        for (PipelineStatus.Problem problem : status.problems()) {
            writer.line("problem", problem.message());
            writer.line("", "-> " + problem.remedy());
        }
        JobStatus job = status.job();
        if (job != null) {
            writer.job(job);
        }
        writer.slot(status);
        if (job != null && job.snapshot() != null) {
            writer.tables(job.snapshot().perTable());
        }
        return writer.text.toString();
    }

    private void line(String head, String body) {
        text.append(String.format("%-11s%s", head, body)).append('\n');
    }

    private void job(JobStatus job) {
        line(
                "job",
                job.id() + " " + job.state() + " for " + duration((job.now() - job.startedAt()) / 1000) + ", "
                        + number(job.restarts()) + " restarts, " + job.cluster());
        JobStatus.Failure failure = job.failure();
        if (failure != null) {
            line(
                    "failure",
                    duration((job.now() - failure.at()) / 1000) + " ago: "
                            + FailureWatch.read(failure.text()).line());
        }
        JobStatus.Checkpoint checkpoint = job.checkpoint();
        line(
                "checkpoint",
                checkpoint == null
                        ? "none yet"
                        : checkpoint.id() + ", " + duration((job.now() - checkpoint.completedAt()) / 1000) + " ago, "
                                + bytes(checkpoint.bytes()) + " in " + number(checkpoint.durationMillis()) + " ms");
        JobStatus.Snapshot snapshot = job.snapshot();
        line("snapshot", snapshot == null ? UNKNOWN : snapshot(snapshot));
        if (snapshot != null && snapshot.versionsPending() > 0) {
            line("schemas", waiting(snapshot));
        }
        JobStatus.Log log = job.log();
        line(
                "log",
                log == null
                        ? UNKNOWN
                        : bytes(log.bytesBehind()) + " behind, last transaction "
                                + commitAge(log.lastCommitLagMillis()));
        JobStatus.Published published = job.published();
        line(
                "published",
                published == null
                        ? UNKNOWN
                        : number(published.events()) + " events; dropped " + number(published.duplicatesDropped())
                                + " repeats, " + number(published.staleRowsDropped()) + " stale rows");
    }

    private static String snapshot(JobStatus.Snapshot snapshot) {
        String generation = snapshot.generation() == null ? "" : "generation " + snapshot.generation() + ", ";
        return (snapshot.paused() ? "paused, " : "") + generation + snapshot.tablesFinished() + " of "
                + snapshot.tables() + " tables read, " + number(snapshot.chunksFinished()) + " of "
                + number(snapshot.chunksPlanned()) + " planned chunks";
    }

    private static String waiting(JobStatus.Snapshot snapshot) {
        List<String> tables = snapshot.perTable().stream()
                .filter(JobStatus.Table::versionPending)
                .map(JobStatus.Table::name)
                .toList();
        return number(snapshot.versionsPending()) + " waiting"
                + (tables.isEmpty() ? "" : ", of " + String.join(", ", tables))
                + ": for a decision (./cdc schema list), or for the registry";
    }

    private static String commitAge(@Nullable Long lagMillis) {
        if (lagMillis == null) {
            return UNKNOWN;
        }
        return lagMillis == 0 ? "none yet" : duration(lagMillis / 1000) + " ago";
    }

    private void slot(PipelineStatus status) {
        CaptureReport capture = status.capture();
        if (capture == null) {
            line("slot", status.slotName() + ": unknown, " + status.databaseError());
            return;
        }
        CaptureReport.Slot slot = capture.slot();
        if (slot == null) {
            line("slot", status.slotName() + ": does not exist");
            return;
        }
        String lsn = slot.confirmedLsn() == null ? "nothing confirmed" : "confirmed up to " + slot.confirmedLsn();
        line(
                "slot",
                status.slotName() + ": " + (slot.lost() ? "lost" : slot.active() ? "active" : "inactive") + ", " + lsn
                        + ", keeps " + bytes(slot.retainedBytes()) + " of log"
                        + (slot.bytesUntilLost() == null
                                ? ""
                                : ", lost after " + bytes(slot.bytesUntilLost()) + " more"));
    }

    private void tables(List<JobStatus.Table> tables) {
        if (tables.isEmpty()) {
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(COLUMNS);
        tables.forEach(table -> rows.add(List.of(
                table.name(),
                table.stage(),
                number(table.run()),
                number(table.rows()),
                number(table.rowsEstimated()),
                table.percent() == null ? UNKNOWN : table.percent() + " %",
                number(table.chunksFinished()) + "/" + number(table.chunksPlanned()),
                number(table.rowsPerSecond()),
                table.etaSeconds() == null ? UNKNOWN : duration(table.etaSeconds()))));
        int[] widths = new int[COLUMNS.size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        text.append('\n');
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < widths.length; column++) {
                String align = column < FIRST_NUMBER ? "%-" : "%";
                line.append(String.format(align + widths[column] + "s  ", row.get(column)));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
    }

    static String number(@Nullable Long number) {
        return number == null
                ? UNKNOWN
                : String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
    }

    static String bytes(@Nullable Long bytes) {
        if (bytes == null) {
            return UNKNOWN;
        }
        double amount = bytes;
        int unit = 0;
        while (Math.abs(amount) >= 1024 && unit < UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", amount, UNITS[unit]);
    }

    static String duration(long seconds) {
        if (seconds < 120) {
            return Math.max(0, seconds) + " s";
        }
        long minutes = seconds / 60;
        if (minutes < 120) {
            return minutes + " min";
        }
        long hours = minutes / 60;
        return hours < 48 ? hours + " h " + minutes % 60 + " min" : hours / 24 + " d " + hours % 24 + " h";
    }
}
