package io.cdcsystem.consumer;

import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.wire.HeaderNames;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** Records as a consumer gets them. */
final class Records {
    private Records() {}

    static ConsumerRecord<byte[], byte[]> record(@Nullable String key, @Nullable String value, Position position) {
        return record("t", key, value, HeaderNames.POSITION, position.toString());
    }

    static ConsumerRecord<byte[], byte[]> record(
            String topic, @Nullable String key, @Nullable String value, String... headers) {
        RecordHeaders all = new RecordHeaders();
        for (int i = 0; i < headers.length; i += 2) {
            all.add(headers[i], utf8(headers[i + 1]));
        }
        return new ConsumerRecord<>(
                topic,
                3,
                42,
                0,
                TimestampType.CREATE_TIME,
                0,
                0,
                key == null ? null : utf8(key),
                value == null ? null : utf8(value),
                all,
                Optional.empty());
    }

    /** The same record at another offset. */
    static ConsumerRecord<byte[], byte[]> at(long offset, ConsumerRecord<byte[], byte[]> record) {
        return new ConsumerRecord<>(
                record.topic(),
                record.partition(),
                offset,
                0,
                TimestampType.CREATE_TIME,
                0,
                0,
                record.key(),
                record.value(),
                record.headers(),
                Optional.empty());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
