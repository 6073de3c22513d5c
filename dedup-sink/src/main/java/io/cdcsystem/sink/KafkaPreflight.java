package io.cdcsystem.sink;

import io.cdcsystem.schema.error.Finding;
import io.cdcsystem.schema.error.Finding.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;

/** Looks at a Kafka cluster before a pipeline starts: can it take what the configuration promises? Changes nothing. */
public final class KafkaPreflight {
    private static final String COMPONENT = "kafka";
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final String TRANSACTION_MAX_TIMEOUT = "transaction.max.timeout.ms";
    private static final String MIN_INSYNC = "min.insync.replicas";
    private static final String DEFAULT_REPLICATION = "default.replication.factor";

    private final KafkaSinkConfig config;
    private final List<Finding> findings = new ArrayList<>();

    private KafkaPreflight(KafkaSinkConfig config) {
        this.config = config;
    }

    /** All findings, good ones too; a cluster that does not answer is one of them. Never throws. */
    public static List<Finding> run(KafkaSinkConfig config) {
        KafkaPreflight preflight = new KafkaPreflight(config);
        try {
            preflight.check();
        } catch (ExecutionException e) {
            preflight.unusable(KafkaErrors.causeOf(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            preflight.unusable(e);
        } catch (TimeoutException | RuntimeException e) {
            // KafkaException of a client that could not even be built hides the setting at fault in its cause.
            preflight.unusable(KafkaErrors.causeOf(e));
        }
        return List.copyOf(preflight.findings);
    }

    private void check() throws ExecutionException, InterruptedException, TimeoutException {
        try (Admin admin = Admin.create(config.adminProperties(TIMEOUT))) {
            var nodes = get(admin.describeCluster().nodes());
            int brokers = nodes.size();
            ok(config.bootstrapServers(), brokers + (brokers == 1 ? " broker answers" : " brokers answer"));
            int replicas = config.replicationFactor();
            if (replicas > brokers) {
                error(
                        "replication factor",
                        "topics are to have " + replicas + " replicas, the cluster has " + brokers + " brokers",
                        "set the replication factor to at most " + brokers + ", or -1 for the broker's default");
            }
            Config broker = brokerConfig(admin, nodes.iterator().next().idString());
            if (broker != null) {
                checkReplicas(replicas < 0 ? number(broker, DEFAULT_REPLICATION) : replicas, broker);
                if (config.exactlyOnce()) {
                    checkTransactions(broker);
                }
            }
        }
    }

    private @Nullable Config brokerConfig(Admin admin, String broker) throws InterruptedException, TimeoutException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, broker);
        try {
            return get(admin.describeConfigs(Set.of(resource)).all()).get(resource);
        } catch (ExecutionException e) {
            Throwable cause = KafkaErrors.causeOf(e);
            findings.add(new Finding(
                    Severity.WARNING,
                    COMPONENT,
                    "broker settings",
                    "they cannot be read, so replicas and transaction timeout were not checked: "
                            + KafkaErrors.reason(cause),
                    "let the principal DescribeConfigs the cluster"));
            return null;
        }
    }

    private void checkReplicas(long replicas, Config broker) {
        String own = config.topicConfig().get(MIN_INSYNC);
        long inSync = own == null ? number(broker, MIN_INSYNC) : parse(own);
        if (inSync > replicas && replicas > 0) {
            error(
                    MIN_INSYNC,
                    "writes need " + inSync + " replicas in sync, new topics have " + replicas + ": none would succeed",
                    "raise the replication factor to at least " + inSync + ", or set the topic's " + MIN_INSYNC
                            + " to at most " + replicas);
        } else {
            ok("replicas", "new topics have " + replicas + ", of which " + inSync + " must be in sync");
        }
    }

    private void checkTransactions(Config broker) {
        long most = number(broker, TRANSACTION_MAX_TIMEOUT);
        long wanted = config.transactionTimeout().toMillis();
        if (most > 0 && wanted > most) {
            error(
                    TRANSACTION_MAX_TIMEOUT,
                    "the sink asks for transactions of " + wanted + " ms, the broker allows " + most + " ms",
                    "set the transaction timeout to at most " + most + " ms, or raise the broker's "
                            + TRANSACTION_MAX_TIMEOUT);
        } else {
            ok(TRANSACTION_MAX_TIMEOUT, "transactions of " + wanted + " ms are allowed, up to " + most + " ms");
        }
    }

    private static long number(Config broker, String name) {
        ConfigEntry entry = broker.get(name);
        return entry == null || entry.value() == null ? -1 : parse(entry.value());
    }

    private static long parse(String value) {
        try {
            return Long.parseLong(value.trim());
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static <T> T get(KafkaFuture<T> future) throws ExecutionException, InterruptedException, TimeoutException {
        // The client's own limit is the same; this one holds even when its thread hangs in a name look-up.
        return future.get(2 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void ok(String subject, String message) {
        findings.add(new Finding(Severity.OK, COMPONENT, subject, message, null));
    }

    private void error(String subject, String message, String remedy) {
        findings.add(new Finding(Severity.ERROR, COMPONENT, subject, message, remedy));
    }

    private void unusable(Throwable cause) {
        error(config.bootstrapServers(), KafkaErrors.reason(cause), KafkaErrors.remedy(cause));
    }
}
