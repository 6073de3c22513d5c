package io.cdcsystem.testbed.verify;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * A record of a topic as a consumer sees it.
 *
 * @param topic its topic
 * @param key the key in JSON form; null where there is none
 * @param value the envelope in JSON form; null for a tombstone
 * @param position the {@code cdc.position} header
 * @param arrivedMillis when the reader received it, milliseconds since 1970-01-01 UTC
 */
public record TopicEvent(
        String topic, @Nullable JsonNode key, @Nullable JsonNode value, String position, long arrivedMillis) {

    /** The key's values joined by a slash, as the audit writes keys; empty where there is no key. */
    public String keyText() {
        if (key == null) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        key.forEach(part -> text.append(text.isEmpty() ? "" : "/").append(part.asText()));
        return text.toString();
    }
}
