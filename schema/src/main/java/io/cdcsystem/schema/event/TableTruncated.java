package io.cdcsystem.schema.event;

import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableSchema;

/** All rows of a table were removed by TRUNCATE. */
public record TableTruncated(TableSchema table, Position position, TransactionInfo transaction, long recordOffset)
        implements SourceEvent {}
