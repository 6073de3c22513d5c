package io.cdcsystem.job.schema;

import io.cdcsystem.schema.ruling.NoticeJson;
import io.cdcsystem.schema.ruling.SchemaNotice;
import io.cdcsystem.schema.ruling.SchemaNotices;

/** Notices as records of {@code <prefix>.schema-changes}. */
final class KafkaSchemaNotices implements SchemaNotices {
    private final TopicWriter writer;

    KafkaSchemaNotices(SchemaTopics topics) {
        this.writer = new TopicWriter(topics, topics.changes());
    }

    @Override
    public void publish(SchemaNotice notice) {
        writer.write(NoticeJson.key(notice), NoticeJson.value(notice));
    }

    @Override
    public void close() {
        writer.close();
    }
}
