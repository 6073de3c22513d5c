package io.cdcsystem.schema.registry;

import io.cdcsystem.schema.compatibility.CompatibilityMode;
import java.util.List;
import java.util.Optional;

/**
 * A registry with its subjects: what whoever answers for the schemas of a pipeline needs beyond ids. Errors as in
 * {@link SchemaRegistry}. Implementations may be used by several threads.
 */
public interface SubjectRegistry extends SchemaRegistry {

    /** Where exactly this schema stands in a subject; empty when the subject does not have it, or does not exist. */
    Optional<RegisteredSchema> lookup(String subject, String avroSchemaJson);

    /** The subject's versions, oldest first; empty when there is no such subject. */
    List<Integer> versions(String subject);

    /**
     * The subject's own level; empty when it follows the registry's. Apicurio knows no subject's own {@code NONE} and says
     * {@code NONE} of a subject without a level of its own, which then follows the registry's all the same.
     */
    Optional<CompatibilityMode> compatibility(String subject);

    /** The level that a registration under the subject has to pass: its own, else the registry's. */
    CompatibilityMode effectiveCompatibility(String subject);

    /** Sets the subject's own level. On Apicurio {@code NONE} takes the own level away. */
    void setCompatibility(String subject, CompatibilityMode mode);

    /** Takes the subject's own level away, so that it follows the registry's. */
    void clearCompatibility(String subject);

    /** Whether the subject's level allows the schema as its next version. A subject that does not exist allows any. */
    CompatibilityAnswer isCompatible(String subject, String avroSchemaJson);

    /**
     * Registers a schema although the subject's level forbids it, as a person decided. What the subject has already is left
     * alone.
     *
     * <p>The level is lifted for the moment of the registration and put back, also when the registration fails. Within that
     * moment anybody's schema would be accepted. A caller that dies within it leaves the subject without a check; so does a
     * registry that dies before the level is back, in which case the error says what it was.
     *
     * @return the schema's id
     */
    int registerRegardless(String subject, String avroSchemaJson);
}
