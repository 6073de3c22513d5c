package io.cdcsystem.job.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.schema.ruling.NoticeJson;
import io.cdcsystem.schema.ruling.SchemaNotice;
import io.cdcsystem.schema.ruling.SchemaNotices;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Notices as records of {@code <prefix>.schema-changes}. What the topic says already, of the same change with the same
 * verdict, is not said again: a restored pipeline may ask about a change whose ruling no checkpoint holds, while the run
 * before it is still about to tell it. With exactly-once, only one of both can write, and reads before it does.
 */
final class KafkaSchemaNotices implements SchemaNotices {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TopicWriter writer;
    private final TopicTail tail;
    private final Set<Said> said = new HashSet<>();

    private record Said(String id, String verdict) {}

    KafkaSchemaNotices(SchemaTopics topics) {
        this.writer = new TopicWriter(topics, topics.changes(), topics.changesTransactionalId());
        this.tail = new TopicTail(topics, topics.changes());
    }

    @Override
    public void publish(SchemaNotice notice) {
        // First: nobody else's notice comes in between reading and writing then, without the writing failing.
        writer.open();
        tail.catchUp().forEach(this::remember);
        if (!said.contains(new Said(notice.id(), notice.verdict().text()))) {
            writer.write(NoticeJson.key(notice), NoticeJson.value(notice));
        }
    }

    private void remember(ConsumerRecord<String, String> record) {
        try {
            JsonNode notice = JSON.readTree(String.valueOf(record.value()));
            said.add(new Said(notice.path("id").asText(), notice.path("verdict").asText()));
        } catch (JsonProcessingException e) {
            // Somebody else's record: it is no notice of ours, and says nothing about one.
        }
    }

    @Override
    public void close() {
        try (writer;
                tail) {
            said.clear();
        }
    }
}
