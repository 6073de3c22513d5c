package io.cdcsystem.dedup;

import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.ChangeEvent.KeyLink;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.position.Visibility;
import java.nio.charset.StandardCharsets;
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

    static Generation generation(int run, int number, String visibility) {
        return generation(0, run, number, visibility);
    }

    static Generation generation(int epoch, int run, int number, String visibility) {
        return new Generation(run, number, new Position(epoch, 99, number), Visibility.parse(visibility));
    }
}
