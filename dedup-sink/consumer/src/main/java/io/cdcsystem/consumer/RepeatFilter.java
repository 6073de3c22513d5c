package io.cdcsystem.consumer;

import io.cdcsystem.schema.position.Position;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Tells records that were delivered again: per topic and key it remembers the position it saw last, and whatever does not
 * stand above that is a repeat.
 *
 * <p>A delete and its tombstone share a position and belong together: the first tombstone behind its delete is no repeat.
 * Records without a key (tables without primary key, truncations) cannot be told apart and are never called a repeat.
 *
 * <p>Memory is bounded: beyond {@code maxEntries} keys the one not met for longest is forgotten, and with it that its older
 * records were seen. Count a hundred-odd bytes and the key per entry, and choose more entries than keys change between two
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
        Position position = headers.position();
        boolean snapshotRow = headers.generation().isPresent();
        boolean tombstone = record.value() == null;
        TopicKey topicKey = new TopicKey(record.topic(), key);
        Seen last = lastByKey.get(topicKey);
        if (last != null) {
            int order = position.compareTo(last.position());
            boolean closesDelete = order == 0 && tombstone && !last.tombstone();
            // A pipeline that began anew reads rows under a position below the log's that its predecessor published,
            // and
            // leaves out the changes that these rows contain: against a log position a row is never a repeat.
            boolean comparable = !snapshotRow || last.snapshotRow();
            if (comparable && order <= 0 && !closesDelete) {
                return true;
            }
        }
        lastByKey.put(topicKey, new Seen(position, tombstone, snapshotRow));
        return false;
    }

    /** How many keys are remembered. */
    public int size() {
        return lastByKey.size();
    }

    private record Seen(Position position, boolean tombstone, boolean snapshotRow) {}

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
