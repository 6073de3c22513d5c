package io.cdcsystem.source.split;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.table.TableSchema;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A table that the log split publishes.
 *
 * @param schema its version at the split's position
 * @param oldestGeneration the first generation that read any of its rows: what it sees is in every row read, so the log
 *     need not repeat it; null where the table was not snapshotted
 */
public record CapturedTable(TableSchema schema, @Nullable Generation oldestGeneration) implements Serializable {}
