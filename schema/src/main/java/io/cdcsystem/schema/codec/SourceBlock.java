package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.field.ByteSink;
import io.cdcsystem.schema.table.TableId;

/** Writes the {@code source} block of one table; each connector and format has its own. */
interface SourceBlock {
    /** Writes the block of an event. */
    void write(SourceEvent event, ByteSink out);

    /** The JSON block of the configured connector. */
    static SourceBlock json(EnvelopeConfig config, TableId table) {
        requirePostgres(config);
        return new PostgresJsonSource(config, table);
    }

    /** The Avro block of the configured connector. */
    static SourceBlock avro(EnvelopeConfig config, TableId table) {
        requirePostgres(config);
        return new PostgresAvroSource(config, table);
    }

    private static void requirePostgres(EnvelopeConfig config) {
        if (!config.connector().equals("postgresql")) {
            throw new IllegalArgumentException("no source block is known for connector " + config.connector());
        }
    }
}
