package io.cdcsystem.consumer;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.registry.RegisteredSchema;
import io.cdcsystem.schema.registry.SchemaRegistry;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.jspecify.annotations.Nullable;

/** Finds the schema that a {@link ReaderSchema} means for a topic. */
final class ReaderShapes {
    private final @Nullable SchemaRegistry registry;
    private final ReaderSchema<?> wanted;
    private final RecordPart part;
    private final Map<String, Known> byTopic = new HashMap<>();

    ReaderShapes(@Nullable SchemaRegistry registry, ReaderSchema<?> wanted, RecordPart part) {
        this.registry = registry;
        this.wanted = wanted;
        this.part = part;
    }

    /** The shape at present; null where each record keeps its own. */
    @Nullable
    ReaderShape of(String topic) {
        if (wanted instanceof ReaderSchema.Writer) {
            return null;
        }
        Known known = byTopic.get(topic);
        if (wanted instanceof ReaderSchema.Newest) {
            String subject = part.subject(topic);
            RegisteredSchema newest =
                    registry("the newest version of " + subject).newest(subject);
            if (known == null || known.id() != newest.id()) {
                known = known(subject, newest);
                byTopic.put(topic, known);
            }
        } else if (known == null) {
            known = lookUp(topic);
            byTopic.put(topic, known);
        }
        return known.shape();
    }

    private Known lookUp(String topic) {
        if (wanted instanceof ReaderSchema.Fixed fixed) {
            return new Known(
                    0, new ReaderShape("the fixed schema " + fixed.schema().getFullName(), fixed.schema()));
        } else if (wanted instanceof ReaderSchema.Generated<?> generated) {
            Schema schema = SpecificData.getForClass(generated.type()).getSchema(generated.type());
            return new Known(0, new ReaderShape("the class " + generated.type().getName(), schema));
        } else if (wanted instanceof ReaderSchema.Id id) {
            String name = "the schema of id " + id.id();
            return new Known(
                    id.id(), new ReaderShape(name, parse(name, registry(name).schemaById(id.id()))));
        } else if (wanted instanceof ReaderSchema.Version version) {
            String subject = part.subject(topic);
            String name = "version " + version.version() + " of " + subject;
            return known(subject, registry(name).version(subject, version.version()));
        }
        throw new IllegalStateException("no shape for " + wanted);
    }

    private static Known known(String subject, RegisteredSchema found) {
        String name = "version " + found.version() + " of " + subject + " (id " + found.id() + ")";
        return new Known(found.id(), new ReaderShape(name, parse(name, found.avroSchemaJson())));
    }

    private SchemaRegistry registry(String what) {
        if (registry == null) {
            throw noRegistry(what);
        }
        return registry;
    }

    static CdcException noRegistry(String what) {
        return new CdcException(
                ErrorCode.CONFIG_INVALID,
                what + " is asked for, but no registry is configured; set schema.registry.url, or for JSON choose"
                        + " ReaderSchema.writer(), fixed(...) or generated(...)");
    }

    // Unlike a writer's, a reader's defaults are used, so they have to be good.
    private static Schema parse(String name, String json) {
        try {
            return new Schema.Parser().parse(json);
        } catch (AvroRuntimeException e) {
            throw new CdcException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    name + " is not a readable Avro schema: " + e.getMessage() + "; choose another reader schema",
                    e);
        }
    }

    private record Known(int id, ReaderShape shape) {}
}
