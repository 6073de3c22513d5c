package io.cdcsystem.schema.envelope;

import java.io.Serializable;

/**
 * What all events of a pipeline say of themselves.
 *
 * @param topicPrefix Debezium's {@code topic.prefix}: begins every topic and names the source
 * @param connector the connector that consumers see, {@code postgresql}
 * @param sourceVersion the Debezium version that consumers see
 * @param schemasEnable JSON only: whether every key and value carries its schema
 * @param unavailablePlaceholder stands for an unchanged value that was not logged
 */
public record EnvelopeConfig(
        String topicPrefix,
        String connector,
        String sourceVersion,
        boolean schemasEnable,
        String unavailablePlaceholder)
        implements Serializable {
    /** The Debezium version whose format ours is. */
    public static final String DEFAULT_SOURCE_VERSION = "3.6.1.Final";
    /** Debezium's own placeholder. */
    public static final String DEFAULT_PLACEHOLDER = "__debezium_unavailable_value";

    /** Rejects empty names. */
    public EnvelopeConfig {
        if (topicPrefix.isEmpty() || sourceVersion.isEmpty() || unavailablePlaceholder.isEmpty()) {
            throw new IllegalArgumentException("topic prefix, source version and placeholder are never empty");
        }
        SourceSchemas.of(connector);
    }

    /** The defaults: Debezium's pinned version and placeholder, no schemas in JSON. */
    public static EnvelopeConfig of(String topicPrefix, String connector) {
        return new EnvelopeConfig(topicPrefix, connector, DEFAULT_SOURCE_VERSION, false, DEFAULT_PLACEHOLDER);
    }

    /** The same with JSON schemas on or off. */
    public EnvelopeConfig withSchemasEnable(boolean enable) {
        return new EnvelopeConfig(topicPrefix, connector, sourceVersion, enable, unavailablePlaceholder);
    }
}
