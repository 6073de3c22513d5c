package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.split.ChunkRange;
import org.jspecify.annotations.Nullable;

/**
 * Which chunks to plan next.
 *
 * @param table of which table
 * @param after the range that the last plan ended with; null to begin
 * @param deferrals how often the table had to be put off
 */
public record PlanRequest(TableSchema table, @Nullable ChunkRange after, int deferrals) {}
