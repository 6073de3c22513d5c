package io.cdcsystem.consumer;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.registry.SchemaRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads the topics' keys or values in the schema that a consumer wants. A record's first byte tells its format:
 *
 * <ul>
 *   <li>Avro in Confluent's framing ({@code 0x00}, the writer schema's id as int32, the record): the registry has the schema.
 *   <li>JSON with its schema embedded ({@code format.schemas-enable}): that is the writer's schema.
 *   <li>JSON without: it has no writer's schema, and is shaped to the reader's field by field; a missing one takes its
 *       default, one too many is dropped. {@link ReaderSchema#writer()} cannot read it.
 * </ul>
 *
 * <p>Records are brought into the reader's schema by Avro's rules of resolution. Whether a pair of schemas fits depends on
 * the schemas alone, never on a record's values, and is decided when the pair is first met; see {@code docs/consumers.md}.
 * Each schema is fetched once, so with a {@link io.cdcsystem.schema.registry.CachingSchemaRegistry} reading goes on while the
 * registry is down. Belongs to one thread.
 *
 * @param <T> what a record is read as
 */
public final class ChangeReader<T extends IndexedRecord> {
    private static final int MAGIC = 0;
    private static final int HEADER_BYTES = 1 + Integer.BYTES;

    private final @Nullable SchemaRegistry registry;
    private final ReaderSchema<T> wanted;
    private final ReaderShapes shapes;
    private final JsonRecords json = new JsonRecords();
    private final Map<Integer, Schema> writers = new HashMap<>();
    private final Map<String, Map<Schema, Resolved<T>>> resolved = new HashMap<>();
    private @Nullable BinaryDecoder decoder;

    /**
     * A reader of keys or values.
     *
     * @param registry where Avro schemas are; null for JSON alone
     */
    public ChangeReader(@Nullable SchemaRegistry registry, ReaderSchema<T> wanted, RecordPart part) {
        this.registry = registry;
        this.wanted = wanted;
        this.shapes = new ReaderShapes(registry, wanted, part);
    }

    /** The id of the schema that {@code framed}, a key or value in Avro, was written with. */
    public static int schemaId(byte[] framed) {
        if (framed.length < HEADER_BYTES || framed[0] != MAGIC) {
            throw notOurs("a record", framed);
        }
        return ByteBuffer.wrap(framed).getInt(1);
    }

    /**
     * Reads a key or value; null for a tombstone, and for the key of a table without one.
     *
     * @throws CdcException {@code READER_INCOMPATIBLE} for a record whose schema cannot be resolved to the reader's;
     *     {@code PROTOCOL_VIOLATION} for other framing or bytes that do not fit their schema; {@code CONFIG_INVALID} where a
     *     registry is needed and none is given; what the registry throws for an unknown id or when it does not answer
     */
    public @Nullable T read(String topic, byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        if (bytes.length >= HEADER_BYTES && bytes[0] == MAGIC) {
            int id = schemaId(bytes);
            return decode(reader(topic, id), bytes, HEADER_BYTES);
        }
        if (bytes.length > 0 && bytes[0] == '{') {
            return readJson(topic, bytes);
        }
        throw notOurs("a record of topic " + topic, bytes);
    }

    /**
     * The schema that the topic's records are read in at present; null where each keeps its own.
     *
     * @throws CdcException as {@link #read} where the registry has to be asked
     */
    public @Nullable Schema readerSchema(String topic) {
        ReaderShape shape = shapes.of(topic);
        return shape == null ? null : shape.schema();
    }

    private T readJson(String topic, byte[] bytes) {
        JsonRecords.Document document = json.parse(topic, bytes);
        Schema writer = document.writer();
        if (writer != null) {
            byte[] avro = json.toAvro(topic, document.payload(), writer, "the schema it carries");
            return decode(reader(topic, writer, "the schema in the record"), avro, 0);
        }
        ReaderShape shape = shapes.of(topic);
        if (shape == null) {
            throw new CdcException(
                    ErrorCode.READER_INCOMPATIBLE,
                    "a record of topic " + topic
                            + " is JSON without a schema, so there is none to follow; choose a reader"
                            + " schema (fixed or generated), or let the pipeline write format.schemas-enable: true");
        }
        byte[] avro = json.toAvro(topic, document.payload(), shape.schema(), shape.name());
        return decode(reader(topic, shape.schema(), "the reader's own schema"), avro, 0);
    }

    private Resolved<T> reader(String topic, int id) {
        Schema writer = writers.get(id);
        if (writer == null) {
            if (registry == null) {
                throw ReaderShapes.noRegistry("the schema of id " + id + " of a record of topic " + topic);
            }
            writer = parse(topic, id, registry.schemaById(id));
            writers.put(id, writer);
        }
        return reader(topic, writer, "schema id " + id);
    }

    private Resolved<T> reader(String topic, Schema writer, String writerName) {
        ReaderShape shape = shapes.of(topic);
        Map<Schema, Resolved<T>> known = resolved.computeIfAbsent(topic, t -> new HashMap<>());
        Resolved<T> reader = known.get(writer);
        if (reader == null || !Objects.equals(reader.shape(), shape)) {
            reader = resolve(topic, writer, writerName, shape);
            known.put(writer, reader);
        }
        return reader;
    }

    private Resolved<T> resolve(String topic, Schema writer, String writerName, @Nullable ReaderShape shape) {
        if (shape == null) {
            return new Resolved<>(null, topic, writerName, datumReader(writer, writer));
        }
        String misfit = SchemaFit.misfit(writer, shape.schema());
        if (misfit != null) {
            throw new CdcException(
                    ErrorCode.READER_INCOMPATIBLE,
                    "records of topic " + topic + " written with " + writerName + " cannot be read as " + shape.name()
                            + ": " + misfit
                            + "; read them as they were written (ReaderSchema.writer()), or choose a reader schema that"
                            + " gives the field a default or a type that both fit");
        }
        return new Resolved<>(shape, topic, writerName, datumReader(writer, shape.schema()));
    }

    private DatumReader<T> datumReader(Schema writer, Schema reader) {
        if (wanted instanceof ReaderSchema.Generated<?> generated) {
            return new SpecificDatumReader<>(writer, reader, new GeneratedData(generated.type()));
        }
        return new GenericDatumReader<>(writer, reader);
    }

    private T decode(Resolved<T> reader, byte[] bytes, int offset) {
        try {
            BinaryDecoder in = DecoderFactory.get().binaryDecoder(bytes, offset, bytes.length - offset, decoder);
            decoder = in;
            @SuppressWarnings("NullAway") // Avro's parameter for an instance to reuse may be null.
            T record = reader.reader().read(null, in);
            if (!in.isEnd()) {
                throw damaged(reader, "bytes are left behind the record", null);
            }
            return record;
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException e) {
            throw damaged(reader, String.valueOf(e.getMessage()), e);
        }
    }

    private static Schema parse(String topic, int id, String json) {
        try {
            // A writer's defaults are never used for reading, so a producer's slip in them must not stop a consumer.
            Schema schema = new Schema.Parser().setValidateDefaults(false).parse(json);
            if (schema.getType() == Schema.Type.RECORD) {
                return schema;
            }
            throw new CdcException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "topic " + topic + " holds values of type " + schema.getType() + " (schema id " + id
                            + ") and not change records; is it a topic of this system?");
        } catch (AvroRuntimeException e) {
            throw new CdcException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "the registry's schema of id " + id + " is not a readable Avro schema: " + e.getMessage(),
                    e);
        }
    }

    private static CdcException damaged(Resolved<?> reader, String why, @Nullable Exception cause) {
        return new CdcException(
                ErrorCode.PROTOCOL_VIOLATION,
                "a record of topic " + reader.topic() + " does not fit " + reader.writerName()
                        + ", with which it says it was" + " written: " + why
                        + "; check that the registry is the producer's",
                cause);
    }

    private static CdcException notOurs(String record, byte[] bytes) {
        return new CdcException(
                ErrorCode.PROTOCOL_VIOLATION,
                record + ", of " + bytes.length + " bytes"
                        + (bytes.length == 0 ? "" : ", begins with 0x" + Integer.toHexString(bytes[0] & 0xFF) + " and")
                        + " is neither Avro in Confluent's framing nor JSON; is the topic's format debezium-avro or"
                        + " debezium-json?");
    }

    private record Resolved<T>(@Nullable ReaderShape shape, String topic, String writerName, DatumReader<T> reader) {}
}
