package io.cdcsystem.consumer;

import static io.cdcsystem.consumer.EvolvingTable.column;
import static io.cdcsystem.consumer.EvolvingTable.int32;
import static io.cdcsystem.consumer.EvolvingTable.int64;
import static io.cdcsystem.consumer.EvolvingTable.row;
import static io.cdcsystem.consumer.EvolvingTable.text;
import static io.cdcsystem.consumer.EvolvingTable.version;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.registry.CachingSchemaRegistry;
import io.cdcsystem.schema.registry.HttpSchemaRegistry;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.schema.registry.RetryPolicy;
import io.cdcsystem.schema.registry.SchemaRegistry;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.testbed.SchemaRegistryServer;
import io.cdcsystem.testbed.SharedServers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Avro records of a changing table, read through a real registry in every way that there is. */
@Tag("E6")
class SchemaEvolutionIT {
    private static final RetryPolicy QUICK = new RetryPolicy(
            Duration.ofSeconds(1), Duration.ofMillis(50), Duration.ofMillis(200), Duration.ofSeconds(1));

    @TempDir
    Path work;

    static List<EvolutionCase> changes() {
        return EvolutionCase.all();
    }

    @ParameterizedTest
    @MethodSource("changes")
    @Tag("E5")
    void readers_of_the_first_the_newest_and_each_own_version_read_right_or_tell_what_does_not_fit(EvolutionCase change)
            throws Exception {
        EvolvingTable table = table(change.name());
        String topic = table.topic();
        byte[] old = table.created(change.first(), change.firstRow());
        byte[] young = table.created(change.second(), change.secondRow());
        int firstId = ChangeReader.schemaId(old);
        int secondId = ChangeReader.schemaId(young);
        String first = "version 1 of " + topic + "-value (id " + firstId + ")";
        String second = "version 2 of " + topic + "-value (id " + secondId + ")";

        ChangeReader<GenericRecord> newest = reader(ReaderSchema.newest());
        Outcomes.check(newest, topic, old, "schema id " + firstId, second, change.newerReadsOld());
        assertThat(value(newest, topic, young).getSchema()).isEqualTo(table.valueSchema(change.second()));
        ChangeReader<GenericRecord> pinned = reader(ReaderSchema.version(1));
        Outcomes.check(pinned, topic, young, "schema id " + secondId, first, change.olderReadsNew());
        assertThat(value(pinned, topic, old).getSchema()).isEqualTo(table.valueSchema(change.first()));
        Outcomes.check(
                reader(ReaderSchema.id(firstId)),
                topic,
                young,
                "schema id " + secondId,
                "the schema of id " + firstId,
                change.olderReadsNew());
        ChangeReader<GenericRecord> following = reader(ReaderSchema.writer());
        assertThat(value(following, topic, old).getSchema()).isEqualTo(table.valueSchema(change.first()));
        assertThat(value(following, topic, young).getSchema()).isEqualTo(table.valueSchema(change.second()));
    }

    @Test
    void a_generated_class_reads_older_and_newer_records_and_refuses_what_does_not_fit() throws Exception {
        EvolvingTable table = table("generated");
        TableSchema first = version(column("qty", ColumnType.of(Kind.INT32), false));
        TableSchema second = version(
                column("qty", ColumnType.of(Kind.INT64), false),
                column("state", ColumnType.of(Kind.STRING), false, text("new")));
        TableSchema third = version(column("qty", ColumnType.of(Kind.STRING), false));
        Class<? extends SpecificRecordBase> type = GeneratedClasses.of(table.valueSchema(second), work);
        ChangeReader<? extends SpecificRecordBase> reader = reader(ReaderSchema.generated(type));

        SpecificRecordBase old = requireNonNull(reader.read(table.topic(), table.created(first, row(1, int32(7)))));
        assertThat(old).isInstanceOf(type);
        SpecificRecordBase after = (SpecificRecordBase) old.get("after");
        assertThat(after.getClass().getName()).as("the row's own class").endsWith(".Value");
        assertThat(after.getClass().getMethod("getQty").invoke(after)).isEqualTo(7L);
        assertThat(after.get("state")).hasToString("new");
        SpecificRecordBase own =
                requireNonNull(reader.read(table.topic(), table.created(second, row(2, int64(1L << 40), text("x")))));
        assertThat(((SpecificRecordBase) own.get("after")).get("qty")).isEqualTo(1L << 40);
        byte[] young = table.created(third, row(3, text("many")));
        assertThatThrownBy(() -> reader.read(table.topic(), young))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("READER_INCOMPATIBLE")
                .hasMessageContaining("schema id " + ChangeReader.schemaId(young) + " ")
                .hasMessageContaining("the class " + type.getName())
                .hasMessageContaining("field before.qty was written as string and is read as long");
    }

    @Test
    void a_renamed_column_is_read_on_by_a_fixed_schema_with_its_older_name_as_alias() throws Exception {
        EvolvingTable table = table("alias");
        TableSchema first = version(column("c", ColumnType.of(Kind.STRING), false));
        TableSchema second = version(column("d", ColumnType.of(Kind.STRING), false));
        Schema aliased = new Schema.Parser()
                .parse(table.valueSchema(second)
                        .toString()
                        .replace(
                                "{\"name\":\"d\",\"type\":\"string\"",
                                "{\"name\":\"d\",\"aliases\":[\"c\"],\"type\":\"string\""));
        ChangeReader<GenericRecord> reader = reader(ReaderSchema.fixed(aliased));

        byte[] old = table.created(first, row(1, text("old")));
        byte[] young = table.created(second, row(2, text("young")));
        assertThat(Outcomes.columns(value(reader, table.topic(), old), "after")).isEqualTo(Map.of("d", "old"));
        assertThat(Outcomes.columns(value(reader, table.topic(), young), "after"))
                .isEqualTo(Map.of("d", "young"));
    }

    @Test
    void deletes_tombstones_and_keys_are_read_across_versions_too() throws Exception {
        EvolvingTable table = table("deletes");
        TableSchema first = version(column("c", ColumnType.of(Kind.STRING), true));
        TableSchema second =
                version(column("c", ColumnType.of(Kind.STRING), true), column("n", ColumnType.of(Kind.INT32), true));
        byte[] deleted = table.deleted(first, row(1, text("gone")));
        table.valueId(second);
        ChangeReader<GenericRecord> newest = reader(ReaderSchema.newest());

        GenericRecord delete = value(newest, table.topic(), deleted);
        assertThat(delete.get("op")).hasToString("d");
        assertThat(delete.get("after")).isNull();
        assertThat(Outcomes.columns(delete, "before")).isEqualTo(Map.of("c", "gone", "n", "null"));
        assertThat(newest.read(table.topic(), null)).isNull();
        ChangeReader<GenericRecord> keys = new ChangeReader<>(registry(), ReaderSchema.version(1), RecordPart.KEY);
        assertThat(value(keys, table.topic(), table.key(second, row(9, null, null)))
                        .get("id"))
                .isEqualTo(9);
    }

    @Test
    void the_newest_version_is_never_older_than_the_record() throws Exception {
        EvolvingTable table = table("never-older");
        ChangeReader<GenericRecord> newest = reader(ReaderSchema.newest());
        TableSchema first = version();
        TableSchema second = version(column("c", ColumnType.of(Kind.INT32), true));
        assertThat(Outcomes.columns(value(newest, table.topic(), table.created(first, row(1))), "after"))
                .isEmpty();

        byte[] young = table.created(second, row(2, int32(5)));
        assertThat(Outcomes.columns(value(newest, table.topic(), young), "after"))
                .as("though the cached answer was fresh")
                .isEqualTo(Map.of("c", "5"));
        assertThat(Outcomes.columns(value(newest, table.topic(), table.created(first, row(1))), "after"))
                .isEqualTo(Map.of("c", "null"));
    }

    @Test
    @Tag("E8")
    void known_schemas_are_read_on_while_the_registry_is_down_and_new_ones_once_it_is_back() throws Exception {
        try (SchemaRegistryServer own = SchemaRegistryServer.start()) {
            EvolvingTable table = new EvolvingTable("down", own.url());
            TableSchema first = version();
            TableSchema second = version(column("c", ColumnType.of(Kind.INT32), true));
            TableSchema third = version(column("d", ColumnType.of(Kind.INT32), true));
            byte[] old = table.created(first, row(1));
            byte[] young = table.created(second, row(2, int32(5)));
            SchemaRegistry registry = new CachingSchemaRegistry(
                    new HttpSchemaRegistry(new RegistryConfig(List.of(own.url()), null, null, Duration.ZERO), QUICK),
                    Duration.ZERO);
            List<ChangeReader<GenericRecord>> readers = List.of(
                    new ChangeReader<>(registry, ReaderSchema.newest(), RecordPart.VALUE),
                    new ChangeReader<>(registry, ReaderSchema.version(2), RecordPart.VALUE),
                    new ChangeReader<>(registry, ReaderSchema.writer(), RecordPart.VALUE));
            for (ChangeReader<GenericRecord> reader : readers) {
                value(reader, table.topic(), old);
                value(reader, table.topic(), young);
            }
            byte[] unmet = table.created(third, row(3, int32(6)));
            // Only what the registry wrote out in peace is sure to outlive a kill.
            own.restart();
            own.kill();

            for (ChangeReader<GenericRecord> reader : readers) {
                assertThat(value(reader, table.topic(), old).get("op")).hasToString("c");
                assertThat(((GenericRecord) value(reader, table.topic(), young).get("after")).get("id"))
                        .isEqualTo(2);
            }
            assertThatThrownBy(() -> readers.get(2).read(table.topic(), unmet))
                    .isInstanceOfSatisfying(
                            CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REGISTRY_UNREACHABLE));
            own.restart();
            assertThat(Outcomes.columns(value(readers.get(2), table.topic(), unmet), "after"))
                    .isEqualTo(Map.of("d", "6"));
        }
    }

    @Test
    @Tag("E5")
    void an_id_that_the_registry_does_not_know_is_named() {
        byte[] unknown = ByteBuffer.allocate(6).put((byte) 0).putInt(999_999).array();
        assertThatThrownBy(() -> reader(ReaderSchema.writer()).read("t", unknown))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_REJECTED))
                .hasMessageContaining("schema of id 999999");
    }

    private static EvolvingTable table(String name) {
        return new EvolvingTable(
                "evolution-" + name.replace(' ', '_'), SharedServers.registry().url());
    }

    private static SchemaRegistry registry() {
        return new CachingSchemaRegistry(
                EvolvingTable.registry(SharedServers.registry().url()), Duration.ofMinutes(5));
    }

    private static <T extends org.apache.avro.generic.IndexedRecord> ChangeReader<T> reader(ReaderSchema<T> schema) {
        return new ChangeReader<>(registry(), schema, RecordPart.VALUE);
    }

    private static GenericRecord value(ChangeReader<GenericRecord> reader, String topic, byte[] bytes) {
        return requireNonNull(reader.read(topic, bytes));
    }
}
