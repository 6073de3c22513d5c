package io.cdcsystem.schema.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.envelope.AvroSchemas;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.registry.HttpSchemaRegistry;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.schema.registry.SubjectRegistry;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.testbed.SchemaRegistryServer;
import java.time.Duration;
import java.util.ArrayList;
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
 * The rule against a real registry's verdict. No pair is excepted: this registry asks Avro's own check, so it has no
 * peculiarity here.
 */
@Tag("E11")
@Tag("E4")
class RegistryAgreementIT {
    private static final EnvelopeConfig CONFIG = EnvelopeConfig.of("srv", "postgresql");
    private static final int TRIPLES = 60;
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
        Random random = new Random(SEED);
        List<TableSchema> tables = List.copyOf(versions.values());
        List<String> disagreements = new ArrayList<>();
        for (int i = 0; i < TRIPLES; i++) {
            List<TableSchema> earlier =
                    random.ints(2, 0, tables.size()).mapToObj(tables::get).toList();
            TableSchema next = tables.get(random.nextInt(tables.size()));
            String subject = "triple-" + i;
            for (TableSchema table : earlier) {
                publish(subject + "-key", key(table));
                publish(subject + "-value", value(table));
            }
            for (CompatibilityMode mode : CompatibilityMode.values()) {
                if (mode != CompatibilityMode.NONE) {
                    boolean theirs =
                            allows(mode, subject + "-key", key(next)) && allows(mode, subject + "-value", value(next));
                    Verdict ours = CompatibilityRule.verdict(mode, earlier, next, Map.of());
                    if (ours.compatible() != theirs) {
                        disagreements.add(subject + ": the registry says " + theirs + ", we " + ours.text() + " after "
                                + earlier + " for " + next);
                    }
                }
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
