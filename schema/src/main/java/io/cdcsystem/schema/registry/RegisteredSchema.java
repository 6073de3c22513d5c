package io.cdcsystem.schema.registry;

/**
 * A schema as a subject has it.
 *
 * @param id its id, unique in the registry
 * @param version its number in the subject, from 1
 * @param avroSchemaJson the Avro schema as JSON text, complete: references are resolved
 */
public record RegisteredSchema(int id, int version, String avroSchemaJson) {}
