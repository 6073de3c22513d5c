package io.cdcsystem.job.schema;

import io.cdcsystem.schema.authority.SchemaAuthority;
import io.cdcsystem.schema.authority.SchemaAuthorityConfig;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.registry.CachingSubjectRegistry;
import io.cdcsystem.schema.registry.HttpSchemaRegistry;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.schema.ruling.RegistrySchemaAuthority;
import io.cdcsystem.schema.ruling.SubjectRegistrar;
import io.cdcsystem.schema.ruling.VersionRegistrar;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the pipeline's schema authority needs to know.
 *
 * @param envelope the envelope's fixed parts, which are in the schemas
 * @param registry where Avro schemas are registered; null where the format needs none
 * @param policies which table is judged how
 * @param topics where notices and decisions stand
 */
public record KafkaSchemaAuthorityConfig(
        EnvelopeConfig envelope, @Nullable RegistryConfig registry, TablePolicies policies, SchemaTopics topics)
        implements SchemaAuthorityConfig {

    /** Rejects missing parts. */
    public KafkaSchemaAuthorityConfig {
        Objects.requireNonNull(envelope, "envelope");
        Objects.requireNonNull(policies, "policies");
        Objects.requireNonNull(topics, "topics");
    }

    @Override
    public SchemaAuthority open() {
        return new RegistrySchemaAuthority(
                registrar(), policies, new KafkaSchemaNotices(topics), new KafkaSchemaDecisions(topics));
    }

    private VersionRegistrar registrar() {
        return registry == null
                ? VersionRegistrar.NONE
                : new SubjectRegistrar(
                        envelope, new CachingSubjectRegistry(new HttpSchemaRegistry(registry), registry.cacheTtl()));
    }
}
