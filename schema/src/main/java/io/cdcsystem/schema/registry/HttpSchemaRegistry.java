package io.cdcsystem.schema.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.schema.compatibility.CompatibilityMode;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.registry.RegistryTransport.Call;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A registry behind Confluent's REST API, at one or several base URLs.
 *
 * <p>Where a node does not answer, or answers 429 or 5xx, the next is asked, again and again until a deadline.
 */
public final class HttpSchemaRegistry implements SubjectRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(HttpSchemaRegistry.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CONFLICT = 409;
    private static final int NOT_FOUND = 404;
    private static final int NO_SUBJECT = 40401;
    private static final int NO_VERSION = 40402;
    private static final int NO_SCHEMA = 40403;
    private static final int NO_OWN_LEVEL = 40408;

    private final RegistryTransport transport;
    private final @Nullable ApicurioRules apicurio;

    /** A client with the default patience. */
    public HttpSchemaRegistry(RegistryConfig config) {
        this(config, RetryPolicy.DEFAULT);
    }

    /** A client of that patience. */
    public HttpSchemaRegistry(RegistryConfig config, RetryPolicy retry) {
        this.transport = new RegistryTransport(config, retry);
        this.apicurio = ApicurioRules.behind(transport);
    }

    @Override
    public int register(String subject, String avroSchemaJson) {
        String what = schemaOf(subject);
        HttpResponse<String> response =
                transport.call(Call.post(subjectPath(subject) + "/versions", schemaBody(avroSchemaJson), what));
        if (response.statusCode() == CONFLICT) {
            throw new CdcException(
                    ErrorCode.SCHEMA_REJECTED,
                    "the schema registry refused the " + what + " as incompatible with its earlier versions: "
                            + RegistryTransport.message(response)
                            + "; change the subject's compatibility or undo the change of the table");
        }
        return integer(response, "id", what);
    }

    @Override
    public String schemaById(int id) {
        String what = "schema of id " + id;
        return complete(transport.call(Call.get("/schemas/ids/" + id, what)), what);
    }

    @Override
    public Optional<RegisteredSchema> lookup(String subject, String avroSchemaJson) {
        String what = schemaOf(subject);
        HttpResponse<String> response =
                transport.call(Call.post(subjectPath(subject), schemaBody(avroSchemaJson), what));
        if (says(response, NO_SUBJECT, NO_SCHEMA)) {
            return Optional.empty();
        }
        return Optional.of(new RegisteredSchema(
                integer(response, "id", what), integer(response, "version", what), avroSchemaJson));
    }

    @Override
    public List<Integer> versions(String subject) {
        String what = "versions of subject " + subject;
        HttpResponse<String> response = transport.call(Call.get(subjectPath(subject) + "/versions", what));
        if (says(response, NO_SUBJECT)) {
            return List.of();
        }
        JsonNode answer = RegistryTransport.answer(response, what);
        if (!answer.isArray()) {
            throw RegistryTransport.notARegistry(response, what);
        }
        List<Integer> versions = new ArrayList<>();
        answer.forEach(version -> versions.add(version.asInt()));
        return versions.stream().sorted().toList();
    }

    @Override
    public RegisteredSchema newest(String subject) {
        return registered(subject, "latest", "newest version of subject " + subject);
    }

    @Override
    public RegisteredSchema version(String subject, int version) {
        return registered(subject, Integer.toString(version), "version " + version + " of subject " + subject);
    }

    private RegisteredSchema registered(String subject, String version, String what) {
        HttpResponse<String> response = versioned(subject, version, what);
        return new RegisteredSchema(
                integer(response, "id", what), integer(response, "version", what), complete(response, what));
    }

    @Override
    public Optional<CompatibilityMode> compatibility(String subject) {
        return level(configPath(subject), "compatibility of subject " + subject);
    }

    private Optional<CompatibilityMode> level(String path, String what) {
        HttpResponse<String> response = transport.call(Call.get(path, what));
        if (says(response, NO_OWN_LEVEL, NO_SUBJECT)) {
            return Optional.empty();
        }
        JsonNode level = RegistryTransport.answer(response, what).path("compatibilityLevel");
        if (!level.isTextual()) {
            throw RegistryTransport.notARegistry(response, what);
        }
        try {
            return Optional.of(CompatibilityMode.parse(level.textValue()));
        } catch (IllegalArgumentException e) {
            throw new CdcException(
                    ErrorCode.SCHEMA_REJECTED,
                    "the schema registry names a " + what + " that is not known: " + e.getMessage()
                            + "; set it to one of these",
                    e);
        }
    }

    @Override
    public void setCompatibility(String subject, CompatibilityMode mode) {
        String what = "compatibility " + mode + " of subject " + subject;
        String body = JSON.createObjectNode().put("compatibility", mode.name()).toString();
        RegistryTransport.answer(transport.call(Call.put(configPath(subject), body, what)), what);
    }

    @Override
    public void clearCompatibility(String subject) {
        String what = "compatibility of subject " + subject;
        HttpResponse<String> response = transport.call(Call.delete(configPath(subject), what));
        if (!says(response, NO_OWN_LEVEL, NO_SUBJECT)) {
            RegistryTransport.answer(response, what);
        }
        if (apicurio != null) {
            // Its DELETE leaves a rule of NONE standing; its PUT of NONE takes any away.
            setCompatibility(subject, CompatibilityMode.NONE);
        }
    }

    @Override
    public CompatibilityMode effectiveCompatibility(String subject) {
        Optional<CompatibilityMode> own = compatibility(subject);
        if (own.isPresent() && !(apicurio != null && own.get() == CompatibilityMode.NONE)) {
            return own.get();
        }
        return level("/config", "registry's own compatibility").orElse(CompatibilityMode.NONE);
    }

    @Override
    public CompatibilityAnswer isCompatible(String subject, String avroSchemaJson) {
        if (apicurio == null) {
            return isCompatible(subject, "/versions", avroSchemaJson);
        }
        // Confluent's follows the level. Apicurio's compares with every version, or with the latest, whatever the
        // level.
        CompatibilityAnswer withLatest = isCompatible(subject, "/versions/latest", avroSchemaJson);
        return withLatest.compatible() && effectiveCompatibility(subject).transitive()
                ? isCompatible(subject, "/versions", avroSchemaJson)
                : withLatest;
    }

    private CompatibilityAnswer isCompatible(String subject, String against, String avroSchemaJson) {
        String what = "compatibility of the " + schemaOf(subject);
        HttpResponse<String> response = transport.call(Call.post(
                "/compatibility" + subjectPath(subject) + against + "?verbose=true", schemaBody(avroSchemaJson), what));
        if (says(response, NO_SUBJECT, NO_VERSION)) {
            return new CompatibilityAnswer(true, List.of());
        }
        JsonNode answer = RegistryTransport.answer(response, what);
        if (!answer.path("is_compatible").isBoolean()) {
            throw RegistryTransport.notARegistry(response, what);
        }
        List<String> messages = new ArrayList<>();
        answer.path("messages").forEach(message -> messages.add(message.asText()));
        if (messages.isEmpty() && answer.path("reason").isTextual()) {
            messages.add(answer.path("reason").textValue());
        }
        return new CompatibilityAnswer(answer.path("is_compatible").booleanValue(), messages);
    }

    @Override
    public int registerRegardless(String subject, String avroSchemaJson) {
        Optional<RegisteredSchema> known = lookup(subject, avroSchemaJson);
        if (known.isPresent()) {
            return known.get().id();
        }
        if (versions(subject).isEmpty()) {
            return register(subject, avroSchemaJson);
        }
        Optional<CompatibilityMode> level = compatibility(subject);
        int id;
        try {
            setCompatibility(subject, CompatibilityMode.NONE);
            if (apicurio != null) {
                apicurio.allowAll(subject);
            }
            id = register(subject, avroSchemaJson);
        } catch (CdcException e) {
            restore(subject, level, e);
            throw e;
        }
        restore(subject, level, null);
        return id;
    }

    /**
     * Sets the level back also while the thread is being interrupted, and leaves it interrupted: the subject must not stay
     * unchecked because somebody stopped.
     */
    private void restore(String subject, Optional<CompatibilityMode> level, @Nullable CdcException failure) {
        boolean interrupted = Thread.interrupted();
        try {
            CdcException left = restoreOnce(subject, level);
            while (left != null && Thread.interrupted()) {
                interrupted = true;
                left = restoreOnce(subject, level);
            }
            if (left != null) {
                throw unchecked(subject, level, failure, left);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private @Nullable CdcException restoreOnce(String subject, Optional<CompatibilityMode> level) {
        try {
            if (level.isPresent()) {
                setCompatibility(subject, level.get());
            } else {
                clearCompatibility(subject);
            }
            return null;
        } catch (CdcException e) {
            return e;
        }
    }

    private static CdcException unchecked(
            String subject, Optional<CompatibilityMode> level, @Nullable CdcException failure, CdcException cause) {
        String remedy = level.map(mode -> "set it back to " + mode).orElse("delete its own level again");
        String registration = failure == null ? "the schema is registered" : String.valueOf(failure.getMessage());
        CdcException left = new CdcException(
                cause.code(),
                "subject " + subject + " may be left without a compatibility check: " + remedy + " ("
                        + cause.getMessage() + "); " + registration,
                cause);
        if (failure != null) {
            left.addSuppressed(failure);
        }
        // Whoever is stopping may not look at what is thrown.
        LOG.error("{}", left.getMessage());
        return left;
    }

    private HttpResponse<String> versioned(String subject, String version, String what) {
        return transport.call(Call.get(subjectPath(subject) + "/versions/" + version, what));
    }

    /** The schema of an answer, with what it refers to. */
    private String complete(HttpResponse<String> response, String what) {
        return new SchemaReferences(reference -> {
                    String where = "version " + reference.version() + " of subject " + reference.subject()
                            + ", to which the " + what + " refers as " + reference.name();
                    return SchemaReferences.Node.of(
                            versioned(reference.subject(), Integer.toString(reference.version()), where), where);
                })
                .resolve(SchemaReferences.Node.of(response, what), what);
    }

    private static int integer(HttpResponse<String> response, String field, String what) {
        JsonNode number = RegistryTransport.answer(response, what).path(field);
        if (!number.canConvertToInt()) {
            throw RegistryTransport.notARegistry(response, what);
        }
        return number.intValue();
    }

    /** Whether a registry, not just anything at that URL, says that there is no such thing. */
    private static boolean says(HttpResponse<String> response, int... codes) {
        if (response.statusCode() != NOT_FOUND) {
            return false;
        }
        try {
            int code = JSON.readTree(response.body()).path("error_code").asInt();
            for (int expected : codes) {
                if (code == expected) {
                    return true;
                }
            }
            return false;
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static String schemaBody(String avroSchemaJson) {
        return JSON.createObjectNode().put("schema", avroSchemaJson).toString();
    }

    private static String schemaOf(String subject) {
        return "schema of subject " + subject;
    }

    private static String subjectPath(String subject) {
        return "/subjects/" + RegistryTransport.encode(subject);
    }

    private static String configPath(String subject) {
        return "/config/" + RegistryTransport.encode(subject);
    }
}
