package io.cdcsystem.testbed;

import java.util.concurrent.locks.LockSupport;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** The smallest job that takes checkpoints, restarts and exchanges data between TaskManagers. */
public final class EndlessJob {

    private EndlessJob() {}

    public static void main(String[] arguments) throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
        environment.enableCheckpointing(500);
        environment
                .fromSequence(0, Long.MAX_VALUE)
                .map(EndlessJob::slowed)
                .rebalance()
                .sinkTo(new DiscardingSink<>());
        environment.execute("endless");
    }

    /** Chained to the source, before any buffer: the machine has other things to do. */
    private static Long slowed(Long number) {
        LockSupport.parkNanos(1_000_000);
        return number;
    }
}
