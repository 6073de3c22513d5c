package io.cdcsystem.schema.ruling;

import io.cdcsystem.schema.envelope.AvroSchemas;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.envelope.TopicNames;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.registry.CompatibilityAnswer;
import io.cdcsystem.schema.registry.RegisteredSchema;
import io.cdcsystem.schema.registry.SubjectRegistry;
import io.cdcsystem.schema.table.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Registers versions as Avro under {@code <topic>-key} and {@code <topic>-value}; a table without primary key has no key's
 * schema. As thread-safe as its registry.
 */
public final class SubjectRegistrar implements VersionRegistrar {
    private final EnvelopeConfig envelope;
    private final SubjectRegistry registry;

    /** A registrar for topics of that envelope. */
    public SubjectRegistrar(EnvelopeConfig envelope, SubjectRegistry registry) {
        this.envelope = envelope;
        this.registry = registry;
    }

    private record Subject(String name, String schema) {}

    @Override
    public Optional<SchemaIds> find(TableSchema table) {
        List<Integer> ids = new ArrayList<>();
        for (Subject subject : subjects(table)) {
            Optional<RegisteredSchema> found = registry.lookup(subject.name(), subject.schema());
            if (found.isEmpty()) {
                return Optional.empty();
            }
            ids.add(found.get().id());
        }
        return Optional.of(ids(ids));
    }

    /** Asks for the registry's verdict on both schemas first, so that a refused value leaves no key behind. */
    @Override
    public Registration register(TableSchema table) {
        List<Subject> subjects = subjects(table);
        Optional<Registration> refused = refused(subjects);
        if (refused.isPresent()) {
            return refused.get();
        }
        try {
            return new Registration.Registered(ids(subjects.stream()
                    .map(subject -> registry.register(subject.name(), subject.schema()))
                    .toList()));
        } catch (CdcException e) {
            if (e.code() != ErrorCode.SCHEMA_REJECTED) {
                throw e;
            }
            // Somebody else registered in between, or the schema is one that the registry cannot take at all.
            return refused(subjects).orElseThrow(() -> e);
        }
    }

    private Optional<Registration> refused(List<Subject> subjects) {
        for (Subject subject : subjects) {
            if (registry.lookup(subject.name(), subject.schema()).isPresent()) {
                continue;
            }
            CompatibilityAnswer answer = registry.isCompatible(subject.name(), subject.schema());
            if (!answer.compatible()) {
                String why = answer.messages().isEmpty() ? "it does not say why" : String.join("; ", answer.messages());
                return Optional.of(new Registration.Refused(
                        "the schema registry refuses the schema of subject " + subject.name() + ": " + why));
            }
        }
        return Optional.empty();
    }

    @Override
    public SchemaIds registerRegardless(TableSchema table) {
        return ids(subjects(table).stream()
                .map(subject -> registry.registerRegardless(subject.name(), subject.schema()))
                .toList());
    }

    /** The key's, where there is one, then the value's. */
    private List<Subject> subjects(TableSchema table) {
        String topic = TopicNames.forTable(envelope.topicPrefix(), table.id());
        Subject value = new Subject(topic + "-value", AvroSchemas.value(envelope, table));
        return table.hasPrimaryKey()
                ? List.of(new Subject(topic + "-key", AvroSchemas.key(envelope, table)), value)
                : List.of(value);
    }

    private static SchemaIds ids(List<Integer> ids) {
        return ids.size() == 1 ? new SchemaIds(0, ids.get(0)) : new SchemaIds(ids.get(0), ids.get(1));
    }
}
