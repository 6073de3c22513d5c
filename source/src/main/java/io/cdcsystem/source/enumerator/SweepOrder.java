package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.table.TableSchema;

/**
 * A table whose run is read: keys that it did not read are gone.
 *
 * @param table the table as the run read it
 * @param oldest the oldest generation of the run
 */
public record SweepOrder(TableSchema table, Generation oldest) {}
