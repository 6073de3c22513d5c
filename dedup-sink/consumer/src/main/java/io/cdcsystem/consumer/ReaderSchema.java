package io.cdcsystem.consumer;

import java.io.Serializable;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * The schema that a consumer wants its records in, whatever version they were written with.
 *
 * @param <T> what a record is read as
 */
public sealed interface ReaderSchema<T extends IndexedRecord> extends Serializable {

    /** Each record in the schema it was written with: follows every change of the table. */
    static ReaderSchema<GenericRecord> writer() {
        return new Writer();
    }

    /**
     * The newest version that the registry has of the topic's subject. It is looked up again after the cache's time to live,
     * and when a record comes whose schema was never met, so that no record is read with an older schema than its own; only
     * while the registry does not answer, the newest version that is known serves on.
     */
    static ReaderSchema<GenericRecord> newest() {
        return new Newest();
    }

    /** This schema, for ever. Its aliases name older names of fields. */
    static ReaderSchema<GenericRecord> fixed(Schema schema) {
        return new Fixed(schema);
    }

    /** One version of the topic's subject, counted from 1; fetched once. */
    static ReaderSchema<GenericRecord> version(int version) {
        return new Version(version);
    }

    /** The registry's schema of that id; fetched once. */
    static ReaderSchema<GenericRecord> id(int id) {
        return new Id(id);
    }

    /** The schema of a class that Avro's compiler generated, with records as its instances. */
    static <T extends SpecificRecordBase> ReaderSchema<T> generated(Class<T> type) {
        return new Generated<>(type);
    }

    /** See {@link #writer()}. */
    record Writer() implements ReaderSchema<GenericRecord> {}

    /** See {@link #newest()}. */
    record Newest() implements ReaderSchema<GenericRecord> {}

    /** See {@link #fixed(Schema)}. */
    record Fixed(Schema schema) implements ReaderSchema<GenericRecord> {
        /** Rejects what no record can be of. */
        public Fixed {
            if (schema.getType() != Schema.Type.RECORD) {
                throw new IllegalArgumentException("a reader schema is a record's, not " + schema.getType());
            }
        }
    }

    /** See {@link #version(int)}. */
    record Version(int version) implements ReaderSchema<GenericRecord> {
        /** Rejects numbers that no version has. */
        public Version {
            if (version < 1) {
                throw new IllegalArgumentException("versions are counted from 1, not " + version);
            }
        }
    }

    /** See {@link #id(int)}. */
    record Id(int id) implements ReaderSchema<GenericRecord> {}

    /** See {@link #generated(Class)}. */
    record Generated<T extends SpecificRecordBase>(Class<T> type) implements ReaderSchema<T> {}
}
