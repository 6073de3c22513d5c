package io.cdcsystem.job.config;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.SnapshotConfig;
import io.cdcsystem.source.SnapshotConfig.TableOrder;
import io.cdcsystem.source.SnapshotMode;
import io.cdcsystem.source.postgres.PgResumeToken;
import io.cdcsystem.source.postgres.TableSelect;
import io.cdcsystem.source.postgres.catalog.TablePattern;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code snapshot}. */
final class SnapshotReader {
    private final Section section;

    SnapshotReader(Section section) {
        this.section = section;
    }

    SnapshotConfig read() {
        SnapshotMode mode = mode();
        String position = position(mode);
        int chunkSize = section.integer("chunk-size", SnapshotConfig.CHUNK_SIZE, 1, 10_000_000);
        int threads = section.integer("max.threads", 0, 0, 32_768);
        Duration age = PipelineReader.positive(section, "generation.max-age", "15m");
        Duration chunkTime = section.duration("chunk.target-time", "1s");
        Map<String, TableOrder> orders = new LinkedHashMap<>();
        orders.put("disabled", TableOrder.CONFIGURED);
        orders.put("ascending", TableOrder.ROW_COUNT_ASCENDING);
        orders.put("descending", TableOrder.ROW_COUNT_DESCENDING);
        TableOrder order = section.choice("tables.order.by.row.count", orders, "disabled");
        return new SnapshotConfig(
                position == null && mode == SnapshotMode.FROM_POSITION ? SnapshotMode.INITIAL : mode,
                position,
                chunkSize,
                threads,
                age.isZero() ? SnapshotConfig.GENERATION_MAX_AGE : age,
                chunkTime,
                order);
    }

    private SnapshotMode mode() {
        Map<String, SnapshotMode> modes = new LinkedHashMap<>();
        modes.put("initial", SnapshotMode.INITIAL);
        modes.put("initial_only", SnapshotMode.INITIAL_ONLY);
        modes.put("no_data", SnapshotMode.NO_DATA);
        modes.put("when_needed", SnapshotMode.WHEN_NEEDED);
        modes.put("from_position", SnapshotMode.FROM_POSITION);
        Map<String, SnapshotMode> synonyms = new LinkedHashMap<>(modes);
        // Debezium's older words, and Flink CDC's.
        synonyms.put("never", SnapshotMode.NO_DATA);
        synonyms.put("latest", SnapshotMode.NO_DATA);
        synonyms.put("latest_offset", SnapshotMode.NO_DATA);
        return section.choice("mode", modes, synonyms, "initial");
    }

    private @Nullable String position(SnapshotMode mode) {
        String position = section.text("position", "", "required with from_position");
        if (mode != SnapshotMode.FROM_POSITION) {
            if (!position.isEmpty()) {
                section.problem("position", "only goes with snapshot.mode from_position");
            }
            return null;
        }
        if (position.isBlank()) {
            section.problem("position", "is required with snapshot.mode from_position");
            return null;
        }
        try {
            return PgResumeToken.parse(position).toString();
        } catch (CdcException e) {
            section.problem("position", PipelineReader.uncoded(e));
            return null;
        }
    }

    /** What of single tables is captured; a table that no pattern of {@code tables} means is a problem. */
    List<TableSelect> select(List<String> tables) {
        Set<String> seen = new HashSet<>();
        return section.sections("select", one -> {
            TableSelect select = new TableSelect(
                    one.requiredText("table"),
                    one.texts("columns", "all", List.of()),
                    blankAsNull(one, "where"),
                    blankAsNull(one, "chunk-key-column"));
            if (!select.table().isBlank() && !isCaptured(select.table(), tables)) {
                one.problem("table", "is not captured: none of source.tables means " + select.table());
            }
            if (!select.table().isBlank() && !seen.add(select.table())) {
                one.problem("table", "stands in an entry before as well; one entry says all of a table");
            }
            return select;
        });
    }

    private static @Nullable String blankAsNull(Section section, String key) {
        String text = section.optionalText(key);
        if (text != null && text.isBlank()) {
            section.problem(key, "must not be blank; leave it out instead");
            return null;
        }
        return text;
    }

    /** Either part of a name may hold dots. */
    private static boolean isCaptured(String table, List<String> patterns) {
        for (int dot = table.indexOf('.'); dot > 0 && dot < table.length() - 1; dot = table.indexOf('.', dot + 1)) {
            TableId id = new TableId("", table.substring(0, dot), table.substring(dot + 1));
            for (String pattern : patterns) {
                try {
                    if (TablePattern.parse(pattern).matches(id)) {
                        return true;
                    }
                } catch (CdcException e) {
                    // Reported where the patterns are read; which tables it was to mean cannot be said.
                    return true;
                }
            }
        }
        return false;
    }
}
