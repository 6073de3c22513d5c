package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.table.TableSchema;

/** Compiles encoders. */
public final class TableEncoders {
    private TableEncoders() {}

    /** JSON; keys and values carry their schemas if the configuration says so. */
    public static TableEncoder json(EnvelopeConfig config, TableSchema table) {
        return new JsonTableEncoder(config, table);
    }

    /**
     * Avro in Confluent's framing.
     *
     * @param keySchemaId the registry's id of {@code AvroSchemas.key}; ignored for a table without primary key
     * @param valueSchemaId the registry's id of {@code AvroSchemas.value}
     */
    public static TableEncoder avro(EnvelopeConfig config, TableSchema table, int keySchemaId, int valueSchemaId) {
        return new AvroTableEncoder(config, table, keySchemaId, valueSchemaId);
    }
}
