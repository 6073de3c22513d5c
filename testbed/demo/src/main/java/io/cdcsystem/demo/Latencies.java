package io.cdcsystem.demo;

import java.util.concurrent.TimeUnit;

/** Counts milliseconds in one-millisecond buckets up to a minute; percentiles read off them. Single-threaded. */
final class Latencies {
    private final int[] buckets = new int[(int) TimeUnit.MINUTES.toMillis(1)];
    private long count;

    void add(long millis) {
        buckets[(int) Math.max(0, Math.min(millis, buckets.length - 1))]++;
        count++;
    }

    /** The smallest latency that this share of all did not exceed; 0 without any. */
    long percentile(int percent) {
        long wanted = (count * percent + 99) / 100;
        long seen = 0;
        for (int millis = 0; millis < buckets.length; millis++) {
            seen += buckets[millis];
            if (seen >= wanted) {
                return millis;
            }
        }
        return 0;
    }
}
