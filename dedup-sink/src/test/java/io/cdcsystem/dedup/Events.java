package io.cdcsystem.dedup;

import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.ChangeEvent.KeyLink;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.TableSweep;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.template.AvroKeyLayout;
import io.cdcsystem.schema.template.DeleteTemplate;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.jspecify.annotations.Nullable;

/** Short words for the events of tests. */
final class Events {
    static final String TOPIC = "shop.public.orders";

    private Events() {}

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A change of the log in epoch 0; its value names its commit. */
    static ChangeEvent log(@Nullable String key, Op op, long commit, int ordinal, long transaction) {
        return log(TOPIC, key, op, new Position(0, commit, ordinal), transaction);
    }

    static ChangeEvent log(String topic, @Nullable String key, Op op, Position position, long transaction) {
        return new ChangeEvent(
                topic,
                key == null ? null : bytes(key),
                bytes(op.code() + "@" + position.commit()),
                0,
                0,
                op,
                position,
                transaction,
                0,
                null,
                KeyLink.NONE,
                null);
    }

    static ChangeEvent row(@Nullable String key, Generation generation) {
        return row(TOPIC, key, generation);
    }

    static ChangeEvent row(String topic, @Nullable String key, Generation generation) {
        return new ChangeEvent(
                topic,
                key == null ? null : bytes(key),
                bytes("r@" + generation.number()),
                0,
                0,
                Op.READ,
                generation.position(),
                0,
                0,
                generation,
                KeyLink.NONE,
                null);
    }

    /**
     * A sweep of the default topic, one copy per key group. It can write deletes for keys {@code "key "} with one more
     * letter, and no others.
     */
    static List<TableSweep> sweep(Generation oldest, int keyGroups) {
        DeleteTemplate deletes = new DeleteTemplate(
                new AvroKeyLayout(bytes("key "), new byte[][] {{AvroKeyLayout.ONE}}),
                bytes("gone "),
                new int[] {5},
                new int[] {0});
        Map<Integer, TableSweep> byGroup = new TreeMap<>();
        for (int i = 0; byGroup.size() < keyGroups; i++) {
            byte[] route = bytes("route " + i);
            int group = KeyGroupRangeAssignment.assignToKeyGroup(new RecordKey(TOPIC, route), keyGroups);
            byGroup.put(group, new TableSweep(TOPIC, route, keyGroups, oldest, deletes, 0, 0, 0));
        }
        return List.copyOf(byGroup.values());
    }

    static Generation generation(int run, int number, String visibility) {
        return generation(0, run, number, visibility);
    }

    static Generation generation(int epoch, int run, int number, String visibility) {
        return new Generation(run, number, new Position(epoch, 99, number), Visibility.parse(visibility));
    }
}
