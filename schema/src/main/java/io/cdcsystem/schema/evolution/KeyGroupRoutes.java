package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.event.KeyHash;
import io.cdcsystem.schema.row.BigEndian;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * Keys that reach every key group, for what every subtask behind a keyed exchange must get in order behind the events of
 * its channel: a second, broadcast edge would be a channel of its own.
 */
final class KeyGroupRoutes {
    /** 2^32 over the golden ratio: consecutive numbers would differ in their last bytes only, and their hashes collide. */
    private static final int SPREAD = 0x9E37_79B9;

    private KeyGroupRoutes() {}

    /** Per key group a key of the topic that falls into it: found by trying numbers, a dozen per key group. */
    static byte[][] of(String topic, int keyGroups) {
        byte[][] routes = new byte[keyGroups][];
        int missing = keyGroups;
        for (int number = 0; missing > 0; number++) {
            byte[] key = new byte[Integer.BYTES];
            BigEndian.putInt(key, 0, number * SPREAD);
            int group = KeyGroupRangeAssignment.computeKeyGroupForKeyHash(KeyHash.of(topic, key), keyGroups);
            if (routes[group] == null) {
                routes[group] = key;
                missing--;
            }
        }
        return routes;
    }
}
