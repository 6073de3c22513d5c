package io.cdcsystem.schema.envelope;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A schema in Kafka Connect's model, from which both the Connect JSON and the Avro text are rendered.
 *
 * @param type the Connect type
 * @param optional whether null is allowed
 * @param name the semantic name, or the struct's full name; null for a plain type
 * @param version the schema's version; null for none
 * @param doc the documentation; null for none
 * @param parameters the parameters in their order
 * @param defaultValue the default; null for none
 * @param fields the fields of a struct
 * @param items the elements of an array
 */
record SchemaNode(
        ConnectType type,
        boolean optional,
        @Nullable String name,
        @Nullable Integer version,
        @Nullable String doc,
        Map<String, String> parameters,
        @Nullable Default defaultValue,
        List<Member> fields,
        @Nullable SchemaNode items) {

    /** Connect's types with their names in Connect's JSON and in Avro. */
    enum ConnectType {
        BOOLEAN("boolean", "boolean"),
        INT16("int16", "int"),
        INT32("int32", "int"),
        INT64("int64", "long"),
        FLOAT32("float", "float"),
        FLOAT64("double", "double"),
        STRING("string", "string"),
        BYTES("bytes", "bytes"),
        ARRAY("array", "array"),
        STRUCT("struct", "record");

        private final String connect;
        private final String avro;

        ConnectType(String connect, String avro) {
            this.connect = connect;
            this.avro = avro;
        }

        String connect() {
            return connect;
        }

        String avro() {
            return avro;
        }
    }

    /**
     * A default in both notations.
     *
     * @param connect JSON as the Connect converter prints the value
     * @param avro JSON as an Avro schema holds it; null where Avro cannot express it
     */
    record Default(String connect, @Nullable String avro) {}

    /** A struct's field. */
    record Member(String name, SchemaNode schema) {}

    SchemaNode {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        fields = List.copyOf(fields);
    }

    static SchemaNode plain(ConnectType type) {
        return new SchemaNode(type, false, null, null, null, Map.of(), null, List.of(), null);
    }

    static SchemaNode semantic(ConnectType type, String name, Map<String, String> parameters) {
        return new SchemaNode(type, false, name, 1, null, parameters, null, List.of(), null);
    }

    static SchemaNode struct(String name, @Nullable Integer version, List<Member> fields) {
        return new SchemaNode(ConnectType.STRUCT, false, name, version, null, Map.of(), null, fields, null);
    }

    static SchemaNode array(SchemaNode items) {
        return new SchemaNode(ConnectType.ARRAY, false, null, null, null, Map.of(), null, List.of(), items);
    }

    SchemaNode asOptional() {
        return with(true, defaultValue);
    }

    SchemaNode with(boolean newOptional, @Nullable Default newDefault) {
        return new SchemaNode(type, newOptional, name, version, doc, parameters, newDefault, fields, items);
    }

    SchemaNode withDoc(String newDoc) {
        return new SchemaNode(type, optional, name, version, newDoc, parameters, defaultValue, fields, items);
    }
}
