package io.cdcsystem.schema.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.envelope.AvroSchemas;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.table.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The rule against Avro's own check of the schemas that are registered. */
@Tag("E11")
@Tag("E4")
class AvroAgreementTest {
    private static final EnvelopeConfig CONFIG = EnvelopeConfig.of("srv", "postgresql");
    private static final int SAMPLES = 4_000;
    private static final long SEED = 4;

    private final Map<String, TableSchema> versions = VersionCatalogue.versions();
    private final Map<TableSchema, Schemas> schemas = new HashMap<>();

    private record Schemas(@Nullable Schema key, Schema value) {}

    AvroAgreementTest() {
        for (TableSchema table : versions.values()) {
            Schema key = table.hasPrimaryKey() ? parse(AvroSchemas.key(CONFIG, table)) : null;
            schemas.put(table, new Schemas(key, parse(AvroSchemas.value(CONFIG, table))));
        }
    }

    @Test
    void the_catalogue_is_what_it_promises() {
        assertThat(versions).hasSizeGreaterThanOrEqualTo(40);
        assertThat(schemas).as("no version stands twice").hasSameSizeAs(versions);
    }

    @ParameterizedTest
    @EnumSource(CompatibilityMode.class)
    void every_pair_gets_the_verdict_of_avro(CompatibilityMode mode) {
        List<String> disagreements = new ArrayList<>();
        int refused = 0;
        for (Map.Entry<String, TableSchema> before : versions.entrySet()) {
            for (Map.Entry<String, TableSchema> after : versions.entrySet()) {
                List<TableSchema> earlier = List.of(before.getValue());
                boolean avro = avro(mode, earlier, after.getValue());
                boolean ours = CompatibilityRule.verdict(mode, earlier, after.getValue(), Map.of())
                        .compatible();
                Verdict withRenames =
                        CompatibilityRule.verdict(mode, earlier, after.getValue(), VersionCatalogue.RENAMES);
                refused += avro ? 0 : 1;
                if (ours != avro || withRenames.compatible() != avro) {
                    disagreements.add(before.getKey() + " -> " + after.getKey() + ": Avro says " + avro + ", we "
                            + withRenames.text());
                }
            }
        }
        assertThat(disagreements).isEmpty();
        assertThat(refused > 0).as("some pair is refused").isEqualTo(mode != CompatibilityMode.NONE);
    }

    @ParameterizedTest
    @EnumSource(CompatibilityMode.class)
    void histories_of_two_versions_and_more_get_the_verdict_of_avro(CompatibilityMode mode) {
        Random random = new Random(SEED);
        List<String> names = List.copyOf(versions.keySet());
        List<String> disagreements = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            List<String> chosen =
                    random.ints(2 + i % 3, 0, names.size()).mapToObj(names::get).toList();
            List<TableSchema> earlier = chosen.stream().map(versions::get).toList();
            TableSchema next = versions.get(names.get(random.nextInt(names.size())));
            Verdict ours = CompatibilityRule.verdict(mode, earlier, next, Map.of());
            if (ours.compatible() != avro(mode, earlier, next)) {
                disagreements.add(chosen + ": " + ours.text());
            }
        }
        assertThat(disagreements).isEmpty();
    }

    /** What a registry of that mode, holding those versions, asks Avro. */
    private boolean avro(CompatibilityMode mode, List<TableSchema> earlier, TableSchema next) {
        Schemas now = schemas.get(next);
        List<Schema> values = new ArrayList<>();
        List<Schema> keys = new ArrayList<>();
        for (TableSchema table : earlier) {
            values.add(schemas.get(table).value());
            Schema key = schemas.get(table).key();
            if (key != null) {
                keys.add(key);
            }
        }
        return accepts(mode, values, now.value()) && (now.key() == null || accepts(mode, keys, now.key()));
    }

    private static boolean accepts(CompatibilityMode mode, List<Schema> earlier, Schema next) {
        int first = mode.transitive() ? 0 : Math.max(0, earlier.size() - 1);
        boolean accepts = true;
        for (Schema old : earlier.subList(first, earlier.size())) {
            String name = mode.name();
            if (name.startsWith("BACKWARD") || name.startsWith("FULL")) {
                accepts &= reads(next, old);
            }
            if (name.startsWith("FORWARD") || name.startsWith("FULL")) {
                accepts &= reads(old, next);
            }
        }
        return accepts;
    }

    private static boolean reads(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                        .getType()
                == SchemaCompatibilityType.COMPATIBLE;
    }

    private static Schema parse(String schema) {
        return new Schema.Parser().parse(schema);
    }
}
