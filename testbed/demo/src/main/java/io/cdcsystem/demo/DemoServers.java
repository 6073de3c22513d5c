package io.cdcsystem.demo;

import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.SchemaRegistryServer;
import java.util.concurrent.CompletableFuture;

/** PostgreSQL, Kafka and the registry, started side by side. */
final class DemoServers implements AutoCloseable {
    private final PostgresServer postgres;
    private final KafkaBroker kafka;
    private final SchemaRegistryServer registry;

    private DemoServers(PostgresServer postgres, KafkaBroker kafka, SchemaRegistryServer registry) {
        this.postgres = postgres;
        this.kafka = kafka;
        this.registry = registry;
    }

    static DemoServers start() {
        CompletableFuture<PostgresServer> postgres = CompletableFuture.supplyAsync(PostgresServer::start);
        CompletableFuture<KafkaBroker> kafka = CompletableFuture.supplyAsync(KafkaBroker::startProcess);
        SchemaRegistryServer registry = SchemaRegistryServer.start();
        return new DemoServers(postgres.join(), kafka.join(), registry);
    }

    PostgresServer postgres() {
        return postgres;
    }

    KafkaBroker kafka() {
        return kafka;
    }

    SchemaRegistryServer registry() {
        return registry;
    }

    @Override
    public void close() {
        registry.close();
        kafka.close();
        postgres.close();
    }
}
