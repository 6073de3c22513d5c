package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.codec.TableEncoder;
import io.cdcsystem.schema.codec.TableEncoders;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.envelope.JsonText;
import io.cdcsystem.schema.envelope.TopicNames;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.SnapshotCompleted;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.schema.template.DeleteTemplate;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Records of the dead-letter topic: the event as Debezium's JSON, and around it why it is there and which topic it was for.
 *
 * <p>Key and value both name the topic in their JSON rather than in a header: the topic is shared by all tables, and
 * deduplication, which goes by topic and key, must not take rows of two tables for one.
 *
 * <pre>
 *   key   := {"topic": "shop.public.orders", "key": {"id": 1}}
 *   value := {"topic": "shop.public.orders", "reason": "…", "event": {"before": …, "after": …, "source": …}}
 * </pre>
 */
final class DeadLetterEncoder implements TableEncoder {
    private static final byte[] END = {'}'};

    private final TableEncoder json;
    private final byte[] keyStart;
    private final byte[] valueStart;

    DeadLetterEncoder(EnvelopeConfig config, TableSchema table, String reason) {
        this.json = TableEncoders.json(config.withSchemasEnable(false), table);
        String topic = "{\"topic\":" + JsonText.quote(TopicNames.forTable(config.topicPrefix(), table.id()));
        this.keyStart = utf8(topic + ",\"key\":");
        this.valueStart = utf8(topic + ",\"reason\":" + JsonText.quote(reason) + ",\"event\":");
    }

    @Override
    public byte @Nullable [] key(Row row) {
        byte[] key = json.key(row);
        return key == null ? null : wrapped(keyStart, key);
    }

    @Override
    public byte[] keyHeader(Row row) {
        return json.keyHeader(row);
    }

    @Override
    public byte[] value(Op op, @Nullable Row before, @Nullable Row after, SourceEvent event, long nowMicros) {
        return wrapped(valueStart, json.value(op, before, after, event, nowMicros));
    }

    @Override
    public DeleteTemplate deletes(SnapshotCompleted event, long nowMicros) {
        throw new IllegalStateException("dead letters are not swept");
    }

    private static byte[] wrapped(byte[] start, byte[] json) {
        byte[] all = new byte[start.length + json.length + END.length];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(json, 0, all, start.length, json.length);
        System.arraycopy(END, 0, all, start.length + json.length, END.length);
        return all;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
