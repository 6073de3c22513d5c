package io.cdcsystem.consumer.flink;

import static io.cdcsystem.consumer.EvolvingTable.column;
import static io.cdcsystem.consumer.EvolvingTable.int32;
import static io.cdcsystem.consumer.EvolvingTable.int64;
import static io.cdcsystem.consumer.EvolvingTable.row;
import static io.cdcsystem.consumer.EvolvingTable.text;
import static io.cdcsystem.consumer.EvolvingTable.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.consumer.EvolvingTable;
import io.cdcsystem.consumer.GeneratedClasses;
import io.cdcsystem.consumer.ReaderSchema;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.testbed.SharedServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.formats.avro.typeutils.GenericRecordAvroTypeInfo;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.InstantiationUtil;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In Flink, with real bytes of two versions. */
@Tag("E6")
class ChangeDeserializationSchemaIT {
    private static final TableSchema FIRST = version(column("qty", ColumnType.of(Kind.INT32), false));
    private static final TableSchema SECOND = version(
            column("qty", ColumnType.of(Kind.INT64), false),
            column("state", ColumnType.of(Kind.STRING), false, text("new")));

    @TempDir
    Path work;

    @Test
    @Tag("E5")
    void a_job_reads_the_topic_in_the_newest_version_without_kryo() throws Exception {
        EvolvingTable table = table("flink-job");
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", SharedServers.kafka().bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (byte[] value : new byte[][] {
                table.created(FIRST, row(1, int32(7))),
                null,
                table.created(SECOND, row(2, int64(1L << 40), text("sent")))
            }) {
                producer.send(new ProducerRecord<>(table.topic(), 0, null, value))
                        .get();
            }
        }
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        KafkaSource<GenericRecord> source = KafkaSource.<GenericRecord>builder()
                .setBootstrapServers(SharedServers.kafka().bootstrapServers())
                .setTopics(table.topic())
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setBounded(OffsetsInitializer.latest())
                .setDeserializer(ChangeDeserializationSchema.generic(registry(), table.topic(), ReaderSchema.newest()))
                .build();

        List<String> rows = new ArrayList<>();
        try (CloseableIterator<GenericRecord> records = environment
                .fromSource(source, WatermarkStrategy.noWatermarks(), "orders")
                .rebalance()
                .executeAndCollect()) {
            records.forEachRemaining(record -> rows.add(String.valueOf(record.get("after"))));
        }
        assertThat(rows)
                .containsExactly(
                        "{\"id\": 1, \"qty\": 7, \"state\": \"new\"}",
                        "{\"id\": 2, \"qty\": 1099511627776, \"state\": \"sent\"}");
    }

    @Test
    void it_keeps_its_schema_when_it_is_sent_to_the_cluster() throws Exception {
        EvolvingTable table = table("flink-fixed");
        byte[] old = table.created(FIRST, row(1, int32(7)));
        ChangeDeserializationSchema<GenericRecord> built =
                ChangeDeserializationSchema.generic(registry(), table.topic(), ReaderSchema.newest());
        byte[] young = table.created(SECOND, row(2, int64(8), text("x")));
        table.valueId(SECOND);

        ChangeDeserializationSchema<GenericRecord> sent = InstantiationUtil.clone(built);
        assertThat(sent.getProducedType()).isEqualTo(new GenericRecordAvroTypeInfo(table.valueSchema(FIRST)));
        sent.open(null);
        assertThat(sent.deserialize(old).get("after")).hasToString("{\"id\": 1, \"qty\": 7}");
        assertThat(sent.deserialize(null)).isNull();
        assertThatThrownBy(() -> sent.deserialize(young))
                .hasMessageContaining("READER_INCOMPATIBLE")
                .hasMessageContaining("field before.qty was written as long and is read as int");
    }

    @Test
    void generated_classes_pass_through_flink_avros_serializer_once_their_packages_are_trusted() throws Exception {
        EvolvingTable table = table("flink-generated");
        byte[] old = table.created(FIRST, row(1, int32(7)));
        Class<? extends SpecificRecordBase> type = GeneratedClasses.of(table.valueSchema(SECOND), work);

        ClassSecurityPredicate usual = ClassSecurityValidator.getGlobal();
        ClassSecurityValidator.setGlobal(each -> usual.isTrusted(each)
                || List.of(type.getPackageName(), "io.debezium.connector.postgresql", "event")
                        .contains(each.getPackageName()));
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(type.getClassLoader());
        try {
            SpecificRecordBase copy = copied(table.topic(), type, old);
            assertThat(copy).isInstanceOf(type);
            assertThat(copy.get(1)).hasToString("{\"id\": 1, \"qty\": 7, \"state\": \"new\"}");
        } finally {
            Thread.currentThread().setContextClassLoader(loader);
            ClassSecurityValidator.setGlobal(usual);
        }
    }

    @Test
    void the_documentations_example_compiles() throws Exception {
        Matcher block = Pattern.compile("```java\n(KafkaSource<.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("..", "..", "docs", "consumers.md")));
        assertThat(block.find()).as("an example of Flink in docs/consumers.md").isTrue();
        Path sources = Files.createDirectories(work.resolve("sources"));
        Files.writeString(sources.resolve("Documented.java"), """
                import io.cdcsystem.consumer.ReaderSchema;
                import io.cdcsystem.consumer.flink.ChangeDeserializationSchema;
                import io.cdcsystem.schema.registry.RegistryConfig;
                import java.time.Duration;
                import java.util.List;
                import org.apache.avro.generic.GenericRecord;
                import org.apache.flink.connector.kafka.source.KafkaSource;

                public class Documented {
                    public static KafkaSource<GenericRecord> source() {
                        %s
                        return orders;
                    }
                }
                """.formatted(block.group(1)));
        assertThat(GeneratedClasses.compile(sources, work.resolve("classes"), "Documented")
                        .getMethod("source"))
                .isNotNull();
    }

    @Test
    void following_is_refused_since_a_stream_has_one_type() {
        assertThatThrownBy(
                        () -> ChangeDeserializationSchema.generic(registry(), "flink-following", ReaderSchema.writer()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("newest");
    }

    private static <T extends SpecificRecordBase> T copied(String topic, Class<T> type, byte[] value) throws Exception {
        ChangeDeserializationSchema<T> schema = ChangeDeserializationSchema.generated(registry(), topic, type);
        schema.open(null);
        TypeSerializer<T> serializer = schema.getProducedType().createSerializer(new SerializerConfigImpl());
        DataOutputSerializer out = new DataOutputSerializer(256);
        serializer.serialize(serializer.copy(Objects.requireNonNull(schema.deserialize(value))), out);
        return serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
    }

    private static EvolvingTable table(String prefix) {
        return new EvolvingTable(prefix, SharedServers.registry().url());
    }

    private static RegistryConfig registry() {
        return new RegistryConfig(List.of(SharedServers.registry().url()), null, null, Duration.ofMinutes(5));
    }
}
