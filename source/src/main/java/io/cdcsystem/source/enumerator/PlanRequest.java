package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.split.ChunkRange;
import org.jspecify.annotations.Nullable;

/**
 * Which chunks to plan next.
 *
 * @param table of which table
 * @param run for which of its runs
 * @param condition which rows, in SQL; null for all
 * @param after the range that the last plan ended with; null to begin
 * @param rowsPerChunk how many rows a chunk should have
 * @param deferrals how often the table had to be put off
 */
public record PlanRequest(
        TableSchema table,
        int run,
        @Nullable String condition,
        @Nullable ChunkRange after,
        int rowsPerChunk,
        int deferrals) {}
