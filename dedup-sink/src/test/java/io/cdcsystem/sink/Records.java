package io.cdcsystem.sink;

import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.ChangeEvent.KeyLink;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.position.Visibility;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Events as the schema operator hands them over. */
final class Records {
    private Records() {}

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static ChangeEvent change(String topic, @Nullable String key, Op op, long commit, int schemaId) {
        return change(topic, key, op, commit, schemaId, KeyLink.NONE, null);
    }

    static ChangeEvent change(
            String topic,
            @Nullable String key,
            Op op,
            long commit,
            int schemaId,
            KeyLink link,
            @Nullable String relatedKey) {
        return new ChangeEvent(
                topic,
                key == null ? null : bytes(key),
                bytes(op.code() + commit),
                schemaId,
                schemaId,
                op,
                new Position(0, commit, 2),
                commit,
                1_700_000_000_000_000L,
                null,
                link,
                relatedKey == null ? null : bytes(relatedKey));
    }

    static ChangeEvent row(String topic, String key, int generation) {
        Generation read =
                new Generation(1, generation, new Position(0, 99, generation), new Visibility(101, 101, new long[0]));
        return new ChangeEvent(
                topic,
                bytes(key),
                bytes("r" + generation),
                0,
                0,
                Op.READ,
                read.position(),
                0,
                1_700_000_000_000_000L,
                read,
                KeyLink.NONE,
                null);
    }
}
