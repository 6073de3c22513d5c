package io.cdcsystem.sink;

import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.wire.HeaderNames;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * A {@link SinkRecord} as Kafka's record: bytes as they are, headers, and a topic that exists.
 *
 * <p>The partition is left to the producer's partitioner, which goes by the key as Debezium's does.
 */
public final class ChangeRecordSerializer implements KafkaRecordSerializationSchema<SinkRecord> {
    private static final long serialVersionUID = 1L;
    private static final Header[] NONE = {};
    private static final int OWN_HEADERS = 5;

    private final KafkaSinkConfig config;
    private transient Header[] context = NONE;
    private transient @Nullable TopicCreator topics;

    /** A serializer of that configuration. */
    public ChangeRecordSerializer(KafkaSinkConfig config) {
        this.config = Objects.requireNonNull(config, "config");
    }

    @Override
    public void open(SerializationSchema.InitializationContext initialization, KafkaSinkContext sink) {
        context = contextHeaders(config.contextHeaders());
        topics = new TopicCreator(config);
    }

    private static Header[] contextHeaders(@Nullable ContextHeaders headers) {
        return headers == null
                ? NONE
                : new Header[] {
                    text(ContextHeaders.CONNECTOR_LOGICAL_NAME, headers.connectorLogicalName()),
                    text(ContextHeaders.TASK_ID, headers.taskId()),
                    text(ContextHeaders.CONNECTOR_NAME, headers.connectorName())
                };
    }

    private static Header text(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(SinkRecord element, KafkaSinkContext sink, Long timestamp) {
        Objects.requireNonNull(topics, "not open").ensure(element.event().topic());
        return toRecord(element, context);
    }

    /** The record alone. */
    static ProducerRecord<byte[], byte[]> toRecord(SinkRecord element, Header[] context) {
        ChangeEvent event = element.event();
        Header[] headers = new Header[OWN_HEADERS + context.length];
        int count = 0;
        headers[count++] = new RecordHeader(HeaderNames.POSITION, RecordHeaderBytes.position(event.position()));
        if (event.valueSchemaId() != 0) {
            headers[count++] =
                    new RecordHeader(HeaderNames.SCHEMA_ID, RecordHeaderBytes.decimal(event.valueSchemaId()));
        }
        Generation generation = event.generation();
        if (generation != null) {
            headers[count++] = new RecordHeader(HeaderNames.GENERATION, RecordHeaderBytes.decimal(generation.number()));
            if (!generation.position().equals(event.position())) {
                headers[count++] = new RecordHeader(
                        HeaderNames.GENERATION_POSITION, RecordHeaderBytes.position(generation.position()));
            }
        }
        byte[] relatedKey = event.relatedKey();
        if (relatedKey != null) {
            boolean isNew = event.keyLink() == ChangeEvent.KeyLink.NEW_KEY;
            headers[count++] = new RecordHeader(isNew ? HeaderNames.NEW_KEY : HeaderNames.OLD_KEY, relatedKey);
        }
        System.arraycopy(context, 0, headers, count, context.length);
        byte[] value = element.tombstone() ? null : event.value();
        // Without time stamp of ours: it is Kafka's record time, and retention by time goes by it.
        return new ProducerRecord<>(
                event.topic(),
                null,
                null,
                event.key(),
                value,
                Arrays.asList(headers).subList(0, count + context.length));
    }
}
