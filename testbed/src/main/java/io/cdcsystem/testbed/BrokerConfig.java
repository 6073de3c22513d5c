package io.cdcsystem.testbed;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * One broker that is its own controller.
 *
 * @param port where clients connect, on 127.0.0.1
 * @param controllerPort where it talks to itself
 * @param data its log directory
 */
record BrokerConfig(int port, int controllerPort, Path data) {

    static final String HOST = "127.0.0.1";

    /** Broker settings that hold in a process and in a container alike. */
    static Map<String, String> singleNodeSettings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("group.initial.rebalance.delay.ms", "0");
        // At least the sink's transaction timeout, which Flink sets to an hour by default.
        settings.put("transaction.max.timeout.ms", "3600000");
        settings.put("log.cleaner.dedupe.buffer.size", "2097152");
        // Without it a stop waits 10 s; with long sessions a restart after a kill waits for the old one to end.
        settings.put("controlled.shutdown.enable", "true");
        settings.put("broker.session.timeout.ms", "3000");
        settings.put("broker.heartbeat.interval.ms", "500");
        return settings;
    }

    private Map<String, String> settings() {
        Map<String, String> settings = singleNodeSettings();
        settings.put("controller.quorum.voters", "1@" + HOST + ":" + controllerPort);
        settings.put("listeners", "PLAINTEXT://" + HOST + ":" + port + ",CONTROLLER://" + HOST + ":" + controllerPort);
        settings.put("advertised.listeners", "PLAINTEXT://" + HOST + ":" + port);
        settings.put("log.dirs", data.toString());
        return settings;
    }

    /** Starts it in this JVM, formatting its directory when that is new. */
    KafkaRaftServer start() throws Exception {
        if (!Files.exists(data.resolve("meta.properties"))) {
            format();
        }
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.apply(settings(), false), Time.SYSTEM);
        try {
            server.startup();
        } catch (Throwable e) {
            server.shutdown();
            throw e;
        }
        return server;
    }

    private void format() throws Exception {
        try (PrintStream quiet = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(quiet)
                    .setNodeId(1)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setControllerListenerName("CONTROLLER")
                    .setMetadataLogDirectory(data.toString())
                    .setDirectories(List.of(data.toString()))
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .run();
        } catch (IOException e) {
            throw new ServerFailedException("cannot format " + data, e);
        }
    }
}
