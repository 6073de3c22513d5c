package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.codec.TableEncoders;
import io.cdcsystem.schema.envelope.AvroSchemas;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.envelope.TopicNames;
import io.cdcsystem.schema.registry.CachingSchemaRegistry;
import io.cdcsystem.schema.registry.HttpSchemaRegistry;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.schema.registry.SchemaRegistry;
import io.cdcsystem.schema.table.TableSchema;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes a table version publishable: registers its schemas and compiles its encoder. */
final class TableCompiler {
    private final SchemaOperatorConfig config;
    private final @Nullable SchemaRegistry registry;

    TableCompiler(SchemaOperatorConfig config) {
        this.config = config;
        RegistryConfig registryConfig = config.registry();
        this.registry = registryConfig == null
                ? null
                : new CachingSchemaRegistry(new HttpSchemaRegistry(registryConfig), registryConfig.cacheTtl());
    }

    TopicTarget compile(TableSchema table) {
        EnvelopeConfig envelope = config.envelope();
        String topic = TopicNames.forTable(envelope.topicPrefix(), table.id());
        return switch (config.format()) {
            case DEBEZIUM_JSON -> new TopicTarget(topic, TableEncoders.json(envelope, table), 0, 0);
            case DEBEZIUM_AVRO -> {
                SchemaRegistry ids = Objects.requireNonNull(registry, "registry");
                int keyId = table.hasPrimaryKey() ? ids.register(topic + "-key", AvroSchemas.key(envelope, table)) : 0;
                int valueId = ids.register(topic + "-value", AvroSchemas.value(envelope, table));
                yield new TopicTarget(topic, TableEncoders.avro(envelope, table, keyId, valueId), keyId, valueId);
            }
        };
    }
}
