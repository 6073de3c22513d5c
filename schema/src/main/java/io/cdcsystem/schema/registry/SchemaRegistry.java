package io.cdcsystem.schema.registry;

/** Where schemas are kept under ids. Implementations may be used by several threads. */
public interface SchemaRegistry {

    /**
     * Registers a schema, unless the subject has it already.
     *
     * @param subject whose version it becomes: {@code <topic>-key} or {@code <topic>-value}
     * @param avroSchemaJson the Avro schema as JSON text
     * @return its id, the same for the same schema
     * @throws io.cdcsystem.schema.error.CdcException {@code SCHEMA_REJECTED} when the registry refuses it (incompatible
     *     or invalid), {@code REGISTRY_UNREACHABLE} when no registry answers in time
     */
    int register(String subject, String avroSchemaJson);

    /**
     * The schema of an id, as JSON text.
     *
     * @throws io.cdcsystem.schema.error.CdcException {@code SCHEMA_REJECTED} when the registry does not know the id,
     *     {@code REGISTRY_UNREACHABLE} when no registry answers in time
     */
    String schemaById(int id);

    /**
     * The newest version of a subject.
     *
     * @throws io.cdcsystem.schema.error.CdcException {@code SCHEMA_REJECTED} when the registry does not know the subject,
     *     {@code REGISTRY_UNREACHABLE} when no registry answers in time
     */
    RegisteredSchema newest(String subject);

    /**
     * One version of a subject, counted from 1.
     *
     * @throws io.cdcsystem.schema.error.CdcException {@code SCHEMA_REJECTED} when the registry does not know subject or
     *     version, {@code REGISTRY_UNREACHABLE} when no registry answers in time
     */
    RegisteredSchema version(String subject, int version);
}
