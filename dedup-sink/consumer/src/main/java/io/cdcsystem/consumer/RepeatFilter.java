package io.cdcsystem.consumer;

import io.cdcsystem.schema.position.Position;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Tells records that were delivered again: per topic and key it remembers the position it saw last, and whatever does not
 * stand above that is a repeat. Three rules go beyond it:
 *
 * <ul>
 *   <li>A delete and its tombstone share a position and belong together: the first tombstone behind its delete is no repeat.
 *   <li>What a snapshot says is no repeat when its generation is younger than all that said something of the key before,
 *       even if its position is lower: a pipeline that failed, or began anew, leaves out the changes that its rows contain,
 *       and publishes again what they do not.
 *   <li>A record at an offset that was passed already was delivered again by Kafka: it is a repeat unless it stands above
 *       all positions that were met.
 * </ul>
 *
 * <p>Records without a key (tables without primary key, truncations) cannot be told apart and are never called a repeat.
 *
 * <p>Memory is bounded: beyond {@code maxEntries} keys the one not met for longest is forgotten, and with it that its older
 * records were seen. Count two hundred bytes and the key per entry, and choose more entries than keys change between two
 * commits of the consumer's offsets; older repeats cannot come. Belongs to one thread.
 */
public final class RepeatFilter {
    private final Map<TopicKey, Seen> lastByKey;

    /** A filter that remembers at most {@code maxEntries} keys. */
    public RepeatFilter(int maxEntries) {
        if (maxEntries < 1) {
            throw new IllegalArgumentException("not a number of entries: " + maxEntries);
        }
        this.lastByKey = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<TopicKey, Seen> eldest) {
                return size() > maxEntries;
            }
        };
    }

    /** Whether the record was seen before; if not, it is remembered. */
    public boolean isRepeat(ConsumerRecord<byte[], byte[]> record) {
        byte @Nullable [] key = record.key();
        if (key == null) {
            return false;
        }
        ChangeRecordHeaders headers = ChangeRecordHeaders.of(record);
        TopicKey topicKey = new TopicKey(record.topic(), key);
        Seen last = lastByKey.get(topicKey);
        if (last == null) {
            lastByKey.put(topicKey, Seen.first(record, headers));
            return false;
        }
        if (last.tells(record, headers)) {
            return true;
        }
        lastByKey.put(topicKey, last.then(record, headers));
        return false;
    }

    /** How many keys are remembered. */
    public int size() {
        return lastByKey.size();
    }

    /**
     * What was met of a key.
     *
     * @param position the position met last, which a younger generation may have set back
     * @param tombstone whether that was a tombstone's
     * @param highest the highest position met
     * @param readAt the youngest generation that said something of the key; null where none did
     * @param partition the partition of the record met last
     * @param offset its offset
     */
    private record Seen(
            Position position,
            boolean tombstone,
            Position highest,
            @Nullable Position readAt,
            int partition,
            long offset) {

        static Seen first(ConsumerRecord<?, ?> record, ChangeRecordHeaders headers) {
            return new Seen(
                    headers.position(),
                    record.value() == null,
                    headers.position(),
                    headers.readAt(),
                    record.partition(),
                    record.offset());
        }

        boolean tells(ConsumerRecord<?, ?> record, ChangeRecordHeaders headers) {
            if (record.partition() == partition
                    && record.offset() <= offset
                    && headers.position().compareTo(highest) <= 0) {
                return true;
            }
            int order = headers.position().compareTo(position);
            boolean closesDelete = order == 0 && record.value() == null && !tombstone;
            return order <= 0 && !closesDelete && !isYounger(headers.readAt());
        }

        private boolean isYounger(@Nullable Position other) {
            return other != null && (readAt == null || other.compareTo(readAt) > 0);
        }

        Seen then(ConsumerRecord<?, ?> record, ChangeRecordHeaders headers) {
            Position next = headers.position();
            return new Seen(
                    next,
                    record.value() == null,
                    next.compareTo(highest) > 0 ? next : highest,
                    isYounger(headers.readAt()) ? headers.readAt() : readAt,
                    record.partition(),
                    record.offset());
        }
    }

    private static final class TopicKey {
        private final String topic;
        private final byte[] key;
        private final int hash;

        TopicKey(String topic, byte[] key) {
            this.topic = topic;
            this.key = key;
            this.hash = 31 * topic.hashCode() + Arrays.hashCode(key);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof TopicKey that && topic.equals(that.topic) && Arrays.equals(key, that.key);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}
