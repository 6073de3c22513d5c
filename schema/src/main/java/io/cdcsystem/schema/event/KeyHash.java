package io.cdcsystem.schema.event;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The hash that events are partitioned by. It decides the key group of stored state: it must never change. */
public final class KeyHash {
    private KeyHash() {}

    /** The hash of a topic's key; null stands for all keyless events of the topic. */
    public static int of(String topic, byte @Nullable [] key) {
        return 31 * topic.hashCode() + Arrays.hashCode(key);
    }
}
