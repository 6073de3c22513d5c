package io.cdcsystem.schema.registry;

/**
 * A version of a subject.
 *
 * @param id the registry's id of the schema, the same wherever the schema is used
 * @param version its number within the subject, from 1
 * @param schema the Avro schema as JSON text
 */
public record RegisteredSchema(int id, int version, String schema) {}
