package io.cdcsystem.schema.registry;

import io.cdcsystem.schema.compatibility.CompatibilityMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A registry with its subjects that remembers ids and schemas as {@link CachingSchemaRegistry} does.
 *
 * <p>What may change at any time, a subject's versions, level and verdict, is asked for each time. An id met by looking a
 * schema up counts as known, and one that is known is held against each answer.
 */
public final class CachingSubjectRegistry implements SubjectRegistry {
    private final SubjectRegistry registry;
    private final CachingSchemaRegistry cache;

    /** A cache in front of {@code registry}. */
    public CachingSubjectRegistry(SubjectRegistry registry, Duration ttl) {
        this.registry = registry;
        this.cache = new CachingSchemaRegistry(registry, ttl);
    }

    /** As {@link CachingSchemaRegistry#remember}. */
    public void remember(String subject, String avroSchemaJson, int id) {
        cache.remember(subject, avroSchemaJson, id);
    }

    @Override
    public int register(String subject, String avroSchemaJson) {
        return cache.register(subject, avroSchemaJson);
    }

    @Override
    public String schemaById(int id) {
        return cache.schemaById(id);
    }

    @Override
    public Optional<RegisteredSchema> lookup(String subject, String avroSchemaJson) {
        Optional<RegisteredSchema> found = registry.lookup(subject, avroSchemaJson);
        found.ifPresent(schema -> cache.answered(subject, avroSchemaJson, schema.id()));
        return found;
    }

    @Override
    public List<Integer> versions(String subject) {
        return registry.versions(subject);
    }

    @Override
    public RegisteredSchema version(String subject, int version) {
        return cache.version(subject, version);
    }

    @Override
    public RegisteredSchema newest(String subject) {
        return cache.newest(subject);
    }

    @Override
    public Optional<CompatibilityMode> compatibility(String subject) {
        return registry.compatibility(subject);
    }

    @Override
    public CompatibilityMode effectiveCompatibility(String subject) {
        return registry.effectiveCompatibility(subject);
    }

    @Override
    public void setCompatibility(String subject, CompatibilityMode mode) {
        registry.setCompatibility(subject, mode);
    }

    @Override
    public void clearCompatibility(String subject) {
        registry.clearCompatibility(subject);
    }

    @Override
    public CompatibilityAnswer isCompatible(String subject, String avroSchemaJson) {
        return registry.isCompatible(subject, avroSchemaJson);
    }

    @Override
    public int registerRegardless(String subject, String avroSchemaJson) {
        return cache.answered(subject, avroSchemaJson, registry.registerRegardless(subject, avroSchemaJson));
    }
}
