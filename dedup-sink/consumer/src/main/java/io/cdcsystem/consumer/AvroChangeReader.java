package io.cdcsystem.consumer;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.registry.SchemaRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * Reads Avro in Confluent's framing: {@code 0x00}, the writer schema's id as int32, the record.
 *
 * <p>Each schema is fetched by its id once and then kept, so reading goes on while the registry is down. With a reader
 * schema, records of older and newer writers come back in its shape as far as Avro's rules of resolution allow. Belongs to
 * one thread.
 */
public final class AvroChangeReader {
    private static final int MAGIC = 0;
    private static final int HEADER_BYTES = 1 + Integer.BYTES;

    private final SchemaRegistry registry;
    private final @Nullable Schema readerSchema;
    private final Map<Integer, GenericDatumReader<GenericRecord>> readers = new HashMap<>();
    private @Nullable BinaryDecoder decoder;

    /** A reader that returns records in the shape they were written in. */
    public AvroChangeReader(SchemaRegistry registry) {
        this(registry, null);
    }

    /** A reader that returns records in the shape of {@code readerSchema}, where one is given. */
    public AvroChangeReader(SchemaRegistry registry, @Nullable Schema readerSchema) {
        this.registry = registry;
        this.readerSchema = readerSchema;
    }

    /** The id of the schema that {@code framed} was written with. */
    public static int schemaId(byte[] framed) {
        if (framed.length < HEADER_BYTES || framed[0] != MAGIC) {
            throw new CdcException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "a record of " + framed.length + " bytes"
                            + (framed.length == 0 ? "" : " that begins with 0x" + Integer.toHexString(framed[0] & 0xFF))
                            + " is not in Confluent's framing; is the topic's format debezium-avro?");
        }
        return ByteBuffer.wrap(framed).getInt(1);
    }

    /**
     * Reads a key or value.
     *
     * @throws CdcException {@code PROTOCOL_VIOLATION} for other framing or bytes that do not fit the schema; what the
     *     registry throws for an unknown id or when it does not answer
     */
    public GenericRecord read(byte[] framed) {
        int id = schemaId(framed);
        GenericDatumReader<GenericRecord> reader = readers.get(id);
        if (reader == null) {
            reader = compile(id);
            readers.put(id, reader);
        }
        try {
            BinaryDecoder in =
                    DecoderFactory.get().binaryDecoder(framed, HEADER_BYTES, framed.length - HEADER_BYTES, decoder);
            decoder = in;
            @SuppressWarnings("NullAway") // Avro's parameter for an instance to reuse may be null.
            GenericRecord record = reader.read(null, in);
            if (!in.isEnd()) {
                throw unfitting(id, "bytes are left behind the record", null);
            }
            return record;
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException e) {
            throw unfitting(id, String.valueOf(e.getMessage()), e);
        }
    }

    private GenericDatumReader<GenericRecord> compile(int id) {
        String json = registry.schemaById(id);
        try {
            // A writer's defaults are never used for reading, so a producer's slip in them must not stop a consumer.
            Schema writer = new Schema.Parser().setValidateDefaults(false).parse(json);
            return new GenericDatumReader<>(writer, readerSchema == null ? writer : readerSchema);
        } catch (AvroRuntimeException e) {
            throw new CdcException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "the registry's schema of id " + id + " is not a readable Avro schema: " + e.getMessage(),
                    e);
        }
    }

    private static CdcException unfitting(int id, String why, @Nullable Exception cause) {
        return new CdcException(
                ErrorCode.PROTOCOL_VIOLATION,
                "a record does not fit the schema of id " + id + " or the reader's schema: " + why
                        + "; check that the registry is the producer's, and that the reader's schema is compatible",
                cause);
    }
}
