package io.cdcsystem.schema.event;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableSchema;

/** Placeholder until the sweep branch is merged. */
public record SnapshotCompleted(
        TableSchema table, Position position, TransactionInfo transaction, long recordOffset, Generation generation)
        implements SourceEvent {}
