package io.cdcsystem.schema.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.envelope.AvroSchemas;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.registry.HttpSchemaRegistry;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.schema.registry.SubjectRegistry;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.testbed.SchemaRegistryServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The rule against a real registry's verdict, no pair excepted: Apicurio asks Avro's own check.
 *
 * <p>Its one peculiarity, that its Confluent interface compares with all versions or with the latest whatever the level,
 * is the client's to know; here the client's answer is also held against what a registration then does.
 */
@Tag("E11")
@Tag("E4")
class RegistryAgreementIT {
    private static final EnvelopeConfig CONFIG = EnvelopeConfig.of("srv", "postgresql");
    private static final int TRIPLES = 36;
    private static final long SEED = 11;

    private static SchemaRegistryServer server;
    private static SubjectRegistry registry;

    private final Map<String, TableSchema> versions = VersionCatalogue.versions();

    private record Pair(String before, String after) {}

    @BeforeAll
    static void start() {
        server = SchemaRegistryServer.start();
        registry = new HttpSchemaRegistry(new RegistryConfig(List.of(server.url()), null, null, Duration.ofMinutes(5)));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = CompatibilityMode.class,
            names = {"BACKWARD", "FORWARD", "FULL"})
    void every_pair_gets_the_registrys_verdict(CompatibilityMode mode) {
        Map<Pair, Boolean> keys = verdicts(mode, "key", RegistryAgreementIT::key);
        Map<Pair, Boolean> values = verdicts(mode, "value", RegistryAgreementIT::value);
        List<String> disagreements = new ArrayList<>();
        versions.forEach((beforeName, before) -> versions.forEach((afterName, after) -> {
            boolean theirs =
                    keys.get(new Pair(key(before), key(after))) && values.get(new Pair(value(before), value(after)));
            Verdict ours = CompatibilityRule.verdict(mode, List.of(before), after, VersionCatalogue.RENAMES);
            if (ours.compatible() != theirs) {
                disagreements.add(
                        beforeName + " -> " + afterName + ": the registry says " + theirs + ", we " + ours.text());
            }
        }));
        assertThat(disagreements).isEmpty();
        assertThat(values).containsValue(true).containsValue(false);
    }

    @Test
    void histories_of_two_versions_get_the_registrys_verdict_under_every_mode_but_none() {
        List<CompatibilityMode> modes = Arrays.stream(CompatibilityMode.values())
                .filter(mode -> mode != CompatibilityMode.NONE)
                .toList();
        Random random = new Random(SEED);
        List<String> names = List.copyOf(versions.keySet());
        List<String> disagreements = new ArrayList<>();
        for (int i = 0; i < TRIPLES; i++) {
            List<String> chosen =
                    random.ints(3, 0, names.size()).mapToObj(names::get).toList();
            List<TableSchema> earlier = List.of(versions.get(chosen.get(0)), versions.get(chosen.get(1)));
            TableSchema next = versions.get(chosen.get(2));
            String subject = "triple-" + i;
            for (TableSchema table : earlier) {
                publish(subject + "-key", key(table));
                publish(subject + "-value", value(table));
            }
            for (CompatibilityMode mode : modes) {
                boolean theirs =
                        allows(mode, subject + "-key", key(next)) && allows(mode, subject + "-value", value(next));
                Verdict ours = CompatibilityRule.verdict(mode, earlier, next, Map.of());
                if (ours.compatible() != theirs) {
                    disagreements.add(chosen + ": the registry says " + theirs + ", we " + ours.text());
                }
            }
            CompatibilityMode mode = modes.get(i % modes.size());
            if (!registers(subject + "-value", value(next), allows(mode, subject + "-value", value(next)))) {
                disagreements.add(chosen + " under " + mode + ": registering does not do as the check says");
            }
        }
        assertThat(disagreements).isEmpty();
    }

    /** The registry's verdict on each pair of different schemas; where one is missing or both are equal it is not asked. */
    private Map<Pair, Boolean> verdicts(CompatibilityMode mode, String part, Function<TableSchema, String> schemaOf) {
        Set<String> schemas = new LinkedHashSet<>();
        versions.values().forEach(table -> schemas.add(schemaOf.apply(table)));
        Map<String, String> subjects = new LinkedHashMap<>();
        for (String schema : schemas) {
            String subject = mode + "-" + subjects.size() + "-" + part;
            subjects.put(schema, subject);
            if (!schema.isEmpty()) {
                registry.register(subject, schema);
                registry.setCompatibility(subject, mode);
            }
        }
        Map<Pair, Boolean> verdicts = new HashMap<>();
        subjects.forEach((before, subject) -> {
            for (String after : schemas) {
                boolean asked = !before.isEmpty() && !after.isEmpty() && !before.equals(after);
                verdicts.put(
                        new Pair(before, after),
                        !asked || registry.isCompatible(subject, after).compatible());
            }
        });
        return verdicts;
    }

    private static boolean allows(CompatibilityMode mode, String subject, String schema) {
        if (schema.isEmpty() || registry.versions(subject).isEmpty()) {
            return true;
        }
        registry.setCompatibility(subject, mode);
        return registry.isCompatible(subject, schema).compatible();
    }

    /** Whether a registration passes exactly when the check did; what is there already always passes. */
    private static boolean registers(String subject, String schema, boolean expected) {
        boolean there = registry.lookup(subject, schema).isPresent();
        try {
            registry.register(subject, schema);
            return there || expected;
        } catch (CdcException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_REJECTED);
            return !expected;
        }
    }

    private static void publish(String subject, String schema) {
        if (!schema.isEmpty()) {
            registry.registerRegardless(subject, schema);
        }
    }

    private static String key(TableSchema table) {
        return table.hasPrimaryKey() ? AvroSchemas.key(CONFIG, table) : "";
    }

    private static String value(TableSchema table) {
        return AvroSchemas.value(CONFIG, table);
    }
}
