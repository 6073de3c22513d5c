package io.cdcsystem.job.e2e.anomaly;

import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.SharedServers;

/** What the tests of this package share: one broker and one cluster a JVM. */
final class Shared {
    private Shared() {}

    static KafkaBroker kafka() {
        return SharedServers.kafka();
    }

    static LossyCluster cluster() {
        return Cluster.STARTED;
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
