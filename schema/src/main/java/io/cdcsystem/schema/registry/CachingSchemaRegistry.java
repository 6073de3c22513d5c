package io.cdcsystem.schema.registry;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.apache.avro.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers what a registry answered.
 *
 * <p>The schema of an id never changes, so it is asked for once. A registration is asked for again after the time to live,
 * in case the subject was deleted meanwhile; while the registry is down the old answer stands. So whatever was used once
 * goes on being usable without a registry. The newest version of a subject is asked for again after the time to live, and
 * when an id is met that was never met before, since that may be a newer one. Grows with the number of schemas met, as the
 * registry itself does.
 *
 * <p>A registry that lost its schemas takes a registration anew. Where it gives the id it gave before, all is as it was.
 * Where it gives another, or that id to another schema, records under the old id cannot be read any more, or are read by another's schema: that is never
 * passed over, but {@code SCHEMA_REJECTED} from then on, until the registry has its schemas back.
 */
public final class CachingSchemaRegistry implements SchemaRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(CachingSchemaRegistry.class);

    private final SchemaRegistry registry;
    private final long ttlNanos;
    private final LongSupplier nanoTime;
    private final Map<Registration, Answer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, String> schemas = new ConcurrentHashMap<>();
    private final Map<String, Newest> newest = new ConcurrentHashMap<>();
    private final Map<Version, RegisteredSchema> versions = new ConcurrentHashMap<>();

    /** A cache in front of {@code registry}. */
    public CachingSchemaRegistry(SchemaRegistry registry, Duration ttl) {
        this(registry, ttl, System::nanoTime);
    }

    /** The same with a clock of its own. */
    CachingSchemaRegistry(SchemaRegistry registry, Duration ttl, LongSupplier nanoTime) {
        this.registry = registry;
        this.ttlNanos = ttl.toNanos();
        this.nanoTime = nanoTime;
    }

    @Override
    public int register(String subject, String avroSchemaJson) {
        Registration registration = new Registration(subject, avroSchemaJson);
        Answer known = ids.get(registration);
        if (known != null && nanoTime.getAsLong() - known.nanos() < ttlNanos) {
            return known.id();
        }
        try {
            return answered(registration, registry.register(subject, avroSchemaJson));
        } catch (CdcException e) {
            if (known == null || e.code() != ErrorCode.REGISTRY_UNREACHABLE) {
                throw e;
            }
            // Fresh again for one more time to live: a registry that is down must not cost a deadline per call.
            ids.put(registration, new Answer(known.id(), nanoTime.getAsLong()));
            LOG.warn("Going on with the id {} known for {}: {}", known.id(), subject, e.getMessage());
            return known.id();
        }
    }

    @Override
    public String schemaById(int id) {
        String known = schemas.get(id);
        if (known == null) {
            known = registry.schemaById(id);
            if (schemas.put(id, known) == null) {
                newest.replaceAll((subject, answer) -> answer.stale());
            }
        }
        return known;
    }

    /**
     * Takes over an id that is known from before this cache was made, from a checkpoint: records were written under it. It
     * is asked for again at its next use, which notices a registry that lost its schemas meanwhile.
     */
    public void remember(String subject, String avroSchemaJson, int id) {
        ids.put(new Registration(subject, avroSchemaJson), new Answer(id, nanoTime.getAsLong() - ttlNanos));
        schemas.putIfAbsent(id, avroSchemaJson);
    }

    /**
     * Takes over an id that the registry just gave.
     *
     * @return the id
     * @throws CdcException {@code SCHEMA_REJECTED} when another is known
     */
    int answered(String subject, String avroSchemaJson, int id) {
        return answered(new Registration(subject, avroSchemaJson), id);
    }

    private int answered(Registration registration, int id) {
        String meant = schemas.putIfAbsent(id, registration.schema());
        if (meant != null && !same(meant, registration.schema())) {
            throw lost("now gives id " + id + " to a schema of subject " + registration.subject()
                    + ", under which records of another schema were written");
        }
        Answer now = ids.compute(
                registration,
                (key, known) -> known == null || known.id() == id ? new Answer(id, nanoTime.getAsLong()) : known);
        if (now.id() != id) {
            throw lost("now gives id " + id + " to a schema of subject " + registration.subject()
                    + " whose records were written under id " + now.id());
        }
        return id;
    }

    // A registry may print a schema in its own way.
    private static boolean same(String one, String other) {
        return one.equals(other) || new Schema.Parser().parse(one).equals(new Schema.Parser().parse(other));
    }

    private static CdcException lost(String how) {
        return new CdcException(
                ErrorCode.SCHEMA_REJECTED,
                "the schema registry " + how
                        + ": it lost its schemas, and those records cannot be read any more, or are"
                        + " read by another's schema; restore the registry's storage and start again");
    }

    private record Registration(String subject, String schema) {}

    private record Answer(int id, long nanos) {}

    @Override
    public RegisteredSchema newest(String subject) {
        Newest known = newest.get(subject);
        if (known != null && known.fresh() && nanoTime.getAsLong() - known.nanos() < ttlNanos) {
            return known.schema();
        }
        try {
            RegisteredSchema answer = registry.newest(subject);
            newest.put(subject, new Newest(answer, true, nanoTime.getAsLong()));
            schemas.putIfAbsent(answer.id(), answer.avroSchemaJson());
            return answer;
        } catch (CdcException e) {
            if (known == null || e.code() != ErrorCode.REGISTRY_UNREACHABLE) {
                throw e;
            }
            newest.put(subject, new Newest(known.schema(), true, nanoTime.getAsLong()));
            LOG.warn("Going on with version {} of {}: {}", known.schema().version(), subject, e.getMessage());
            return known.schema();
        }
    }

    @Override
    public RegisteredSchema version(String subject, int version) {
        Version key = new Version(subject, version);
        RegisteredSchema known = versions.get(key);
        if (known == null) {
            known = registry.version(subject, version);
            versions.put(key, known);
        }
        return known;
    }

    private record Version(String subject, int version) {}

    private record Newest(RegisteredSchema schema, boolean fresh, long nanos) {
        Newest stale() {
            return new Newest(schema, false, nanos);
        }
    }
}
