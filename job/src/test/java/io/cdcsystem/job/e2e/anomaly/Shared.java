package io.cdcsystem.job.e2e.anomaly;

import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.SharedServers;

/** What the tests of this package share: one server of each kind and one cluster a JVM. */
final class Shared {
    private Shared() {}

    /** Without autovacuum, which would wait for locks, and have others wait, at times of its own. */
    static PostgresServer postgres() {
        return Postgres.STARTED;
    }

    static KafkaBroker kafka() {
        return SharedServers.kafka();
    }

    static LossyCluster cluster() {
        return Cluster.STARTED;
    }

    private static final class Postgres {
        static final PostgresServer STARTED = start();

        private static PostgresServer start() {
            PostgresServer server =
                    PostgresServer.builder().setting("autovacuum", "off").start();
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "anomaly-postgres-close"));
            return server;
        }
    }

    private static final class Cluster {
        private static final int SLOTS = 8;
        static final LossyCluster STARTED = start();

        private static LossyCluster start() {
            try {
                LossyCluster cluster = LossyCluster.start(SLOTS);
                Runtime.getRuntime().addShutdownHook(new Thread(cluster::close, "lossy-cluster-close"));
                return cluster;
            } catch (Exception e) {
                throw new IllegalStateException("the cluster did not start", e);
            }
        }
    }
}
