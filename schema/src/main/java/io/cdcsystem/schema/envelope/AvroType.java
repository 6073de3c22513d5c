package io.cdcsystem.schema.envelope;

/** What Avro's schema resolution sees of a column's type: annotations, semantic names and logical types count for nothing. */
public sealed interface AvroType {

    /** Whether a reader of this type resolves what a writer of that type wrote. */
    boolean reads(AvroType writer);

    /** Avro's primitive types as far as columns have them. */
    enum Primitive implements AvroType {
        /** {@code boolean}. */
        BOOLEAN,
        /** {@code int}. */
        INT,
        /** {@code long}. */
        LONG,
        /** {@code float}. */
        FLOAT,
        /** {@code double}. */
        DOUBLE,
        /** {@code string}. */
        STRING,
        /** {@code bytes}. */
        BYTES;

        @Override
        public boolean reads(AvroType writer) {
            if (!(writer instanceof Primitive written)) {
                return false;
            }
            return switch (written) {
                case INT -> this == INT || this == LONG || this == FLOAT || this == DOUBLE;
                case LONG -> this == LONG || this == FLOAT || this == DOUBLE;
                case FLOAT -> this == FLOAT || this == DOUBLE;
                case STRING, BYTES -> this == STRING || this == BYTES;
                case BOOLEAN, DOUBLE -> this == written;
            };
        }
    }

    /**
     * An array; its elements are always optional.
     *
     * @param items the elements' type
     */
    record Items(AvroType items) implements AvroType {
        @Override
        public boolean reads(AvroType writer) {
            return writer instanceof Items written && items.reads(written.items);
        }
    }

    /**
     * A record that is the same for all tables.
     *
     * @param fullName its name, which fixes its fields
     */
    record Struct(String fullName) implements AvroType {
        @Override
        public boolean reads(AvroType writer) {
            return equals(writer);
        }
    }
}
