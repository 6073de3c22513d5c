package io.cdcsystem.consumer;

import io.cdcsystem.schema.registry.CachingSchemaRegistry;
import io.cdcsystem.schema.registry.HttpSchemaRegistry;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.schema.registry.RetryPolicy;
import io.cdcsystem.schema.registry.SchemaRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ChangeDeserializer} takes from a consumer's properties. Names that Confluent's deserializer has mean the same
 * here; the others begin with {@code cdc.}.
 *
 * @param registry how the registry is reached; null where no url is given, which is enough for JSON
 * @param patience how long one call of the registry may take
 * @param readerSchema what records are read as
 */
public record ChangeDeserializerConfig(
        @Nullable RegistryConfig registry, RetryPolicy patience, ReaderSchema<?> readerSchema) {
    /** Confluent's: base URLs of the registry's nodes, separated by commas. */
    public static final String URL = "schema.registry.url";
    /** Confluent's: {@code username:password}; with {@code schema.registry.} before it too. */
    public static final String USER_INFO = "basic.auth.user.info";
    /** Confluent's: {@code USER_INFO}, the only source here, and so the default. */
    public static final String CREDENTIALS_SOURCE = "basic.auth.credentials.source";
    /** Confluent's: {@code true} reads keys and values in the newest version. */
    public static final String LATEST = "use.latest.version";
    /** Confluent's: seconds for which the newest version is not looked up again; 300 unless given. */
    public static final String TTL = "latest.cache.ttl.sec";
    /** Confluent's: {@code true} with one of the two types below. */
    public static final String SPECIFIC = "specific.avro.reader";
    /** Confluent's: the class that keys are read as. */
    public static final String KEY_TYPE = "specific.avro.key.type";
    /** Confluent's: the class that values are read as. */
    public static final String VALUE_TYPE = "specific.avro.value.type";
    /**
     * What keys are read as, stronger than all of Confluent's: {@code writer} (the default), {@code newest}, {@code
     * version:N}, {@code id:N}, {@code class:NAME}, {@code file:PATH} of an Avro schema, the schema itself, or a {@link
     * ReaderSchema} object.
     */
    public static final String KEY_READER = "cdc.key.reader.schema";
    /** The same for values. */
    public static final String VALUE_READER = "cdc.value.reader.schema";
    /** How long one call of the registry may take, in milliseconds; 30 000 unless given. */
    public static final String TIMEOUT = "cdc.registry.timeout.ms";

    private static final String PREFIX = "schema.registry.";
    private static final long DEFAULT_TTL_SECONDS = 300;

    /**
     * Reads a consumer's properties.
     *
     * @throws ConfigException naming the property that has no meaning
     */
    public static ChangeDeserializerConfig of(Map<String, ?> configs, boolean isKey) {
        long timeout = number(configs, TIMEOUT, RetryPolicy.DEFAULT.deadline().toMillis());
        if (timeout < 1) {
            throw new ConfigException(TIMEOUT, timeout, "one call takes at least a millisecond");
        }
        Duration deadline = Duration.ofMillis(timeout);
        RetryPolicy usual = RetryPolicy.DEFAULT;
        RetryPolicy patience = new RetryPolicy(
                min(usual.requestTimeout(), deadline),
                min(usual.firstBackoff(), deadline),
                min(usual.maxBackoff(), deadline),
                deadline);
        return new ChangeDeserializerConfig(registry(configs), patience, readerSchema(configs, isKey));
    }

    /** A client of the registry with its cache; null where there is no registry. */
    @Nullable
    SchemaRegistry openRegistry() {
        return registry == null
                ? null
                : new CachingSchemaRegistry(new HttpSchemaRegistry(registry, patience), registry.cacheTtl());
    }

    private static @Nullable RegistryConfig registry(Map<String, ?> configs) {
        String urls = text(configs, URL);
        if (urls == null) {
            return null;
        }
        String source = text(configs, PREFIX + CREDENTIALS_SOURCE, CREDENTIALS_SOURCE);
        if (source != null && !source.equals("USER_INFO")) {
            throw new ConfigException(
                    CREDENTIALS_SOURCE, source, "only USER_INFO is known; give " + USER_INFO + " the credentials");
        }
        String userInfo = text(configs, PREFIX + USER_INFO, USER_INFO);
        int colon = userInfo == null ? -1 : userInfo.indexOf(':');
        if (userInfo != null && colon < 0) {
            throw new ConfigException(USER_INFO + " is not of the form username:password");
        }
        long ttl = number(configs, TTL, DEFAULT_TTL_SECONDS);
        try {
            return new RegistryConfig(
                    Arrays.stream(urls.split(","))
                            .map(String::trim)
                            .filter(url -> !url.isEmpty())
                            .toList(),
                    userInfo == null ? null : userInfo.substring(0, colon),
                    userInfo == null ? null : userInfo.substring(colon + 1),
                    Duration.ofSeconds(ttl));
        } catch (IllegalArgumentException e) {
            throw new ConfigException("the registry of " + URL + " and " + TTL + ": " + e.getMessage());
        }
    }

    private static ReaderSchema<?> readerSchema(Map<String, ?> configs, boolean isKey) {
        String name = isKey ? KEY_READER : VALUE_READER;
        if (configs.get(name) instanceof ReaderSchema<?> given) {
            return given;
        }
        String chosen = text(configs, name);
        if (chosen != null) {
            return chosen(name, chosen);
        }
        if (Boolean.parseBoolean(text(configs, SPECIFIC))) {
            String typeName = isKey ? KEY_TYPE : VALUE_TYPE;
            String type = text(configs, typeName);
            if (type != null) {
                return generated(typeName, type);
            }
            if (text(configs, isKey ? VALUE_TYPE : KEY_TYPE) == null) {
                throw new ConfigException(SPECIFIC + " needs " + KEY_TYPE + " or " + VALUE_TYPE);
            }
        }
        return Boolean.parseBoolean(text(configs, LATEST)) ? ReaderSchema.newest() : ReaderSchema.writer();
    }

    private static ReaderSchema<?> chosen(String name, String chosen) {
        int colon = chosen.indexOf(':');
        String kind = chosen.startsWith("{") ? "{" : colon < 0 ? chosen : chosen.substring(0, colon);
        String rest = chosen.substring(colon + 1);
        try {
            return switch (kind) {
                case "writer" -> ReaderSchema.writer();
                case "newest" -> ReaderSchema.newest();
                case "version" -> ReaderSchema.version(Integer.parseInt(rest));
                case "id" -> ReaderSchema.id(Integer.parseInt(rest));
                case "class" -> generated(name, rest);
                case "file" -> fixed(Files.readString(Path.of(rest)));
                case "{" -> fixed(chosen);
                default ->
                    throw new ConfigException(
                            name,
                            chosen,
                            "it is none of writer, newest, version:N, id:N, class:NAME, file:PATH and an Avro schema");
            };
        } catch (IOException | IllegalArgumentException | AvroRuntimeException e) {
            throw new ConfigException(name, chosen, String.valueOf(e.getMessage()));
        }
    }

    private static ReaderSchema<?> fixed(String json) {
        return ReaderSchema.fixed(new Schema.Parser().parse(json));
    }

    private static ReaderSchema<?> generated(String name, String type) {
        try {
            return ReaderSchema.generated(Utils.loadClass(type, SpecificRecordBase.class));
        } catch (ClassNotFoundException | ClassCastException e) {
            throw new ConfigException(name, type, "it is no class that Avro's compiler generated: " + e.getMessage());
        }
    }

    private static long number(Map<String, ?> configs, String name, long otherwise) {
        String text = text(configs, name);
        try {
            return text == null ? otherwise : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ConfigException(name, text, "it is not a whole number");
        }
    }

    private static @Nullable String text(Map<String, ?> configs, String... names) {
        for (String name : names) {
            Object value = configs.get(name);
            if (value instanceof List<?> list) {
                return String.join(",", list.stream().map(String::valueOf).toList());
            } else if (value instanceof Class<?> type) {
                return type.getName();
            } else if (value != null) {
                return value.toString().trim();
            }
        }
        return null;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
