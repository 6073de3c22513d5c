package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.codec.TableEncoder;
import io.cdcsystem.schema.codec.TableEncoders;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.envelope.TopicNames;
import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.table.TableSchema;

/** Makes a table version publishable as it was admitted: compiles its encoder. */
final class TableCompiler {
    private final SchemaOperatorConfig config;

    TableCompiler(SchemaOperatorConfig config) {
        this.config = config;
    }

    TopicTarget compile(TableSchema table, Admission admission) {
        EnvelopeConfig envelope = config.envelope();
        if (admission instanceof Admission.DeadLetter letter) {
            return new TopicTarget(
                    TopicNames.deadLetters(envelope.topicPrefix()),
                    new DeadLetterEncoder(envelope, table, letter.reason()),
                    0,
                    0);
        }
        Admission.Publish publish = (Admission.Publish) admission;
        TableSchema as = publish.as();
        int keyId = publish.keySchemaId();
        int valueId = publish.valueSchemaId();
        TableEncoder encoder =
                switch (config.format()) {
                    case DEBEZIUM_JSON -> TableEncoders.json(envelope, as);
                    case DEBEZIUM_AVRO -> {
                        if (valueId == 0 || (as.hasPrimaryKey() && keyId == 0)) {
                            throw new IllegalStateException(
                                    "table " + as.id() + " was admitted without the ids that its Avro records name");
                        }
                        yield TableEncoders.avro(envelope, as, keyId, valueId);
                    }
                };
        return new TopicTarget(TopicNames.forTable(envelope.topicPrefix(), as.id()), encoder, keyId, valueId);
    }
}
