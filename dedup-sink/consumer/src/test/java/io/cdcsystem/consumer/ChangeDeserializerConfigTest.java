package io.cdcsystem.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.registry.RegistryConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("E6")
class ChangeDeserializerConfigTest {
    private static final String SCHEMA =
            "{\"type\":\"record\",\"name\":\"V\",\"fields\":[{\"name\":\"id\",\"type\":\"int\"}]}";

    @TempDir
    Path work;

    @Test
    void nothing_given_reads_each_record_as_it_was_written_without_a_registry() {
        ChangeDeserializerConfig config = value(Map.of());
        assertThat(config.registry()).isNull();
        assertThat(config.openRegistry()).isNull();
        assertThat(config.readerSchema()).isEqualTo(ReaderSchema.writer());
        assertThat(config.patience().deadline()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    @Tag("E8")
    void the_registry_is_reached_by_confluents_names() {
        RegistryConfig registry = value(Map.of(
                        "schema.registry.url", "http://a:8081, http://b:8081",
                        "basic.auth.credentials.source", "USER_INFO",
                        "basic.auth.user.info", "me:pass:word",
                        "latest.cache.ttl.sec", "7"))
                .registry();
        assertThat(registry)
                .isEqualTo(new RegistryConfig(
                        List.of("http://a:8081", "http://b:8081"), "me", "pass:word", Duration.ofSeconds(7)));
        assertThat(value(Map.of(
                                "schema.registry.url",
                                List.of("http://a:8081"),
                                "schema.registry.basic.auth.user.info",
                                "me:x"))
                        .registry())
                .isEqualTo(new RegistryConfig(List.of("http://a:8081"), "me", "x", Duration.ofMinutes(5)));
        assertThat(value(Map.of("cdc.registry.timeout.ms", 100)).patience().requestTimeout())
                .isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void keys_and_values_each_have_a_reader_schema() throws IOException {
        Map<String, Object> properties =
                Map.of("cdc.key.reader.schema", "version:3", "cdc.value.reader.schema", "newest");
        assertThat(value(properties).readerSchema()).isEqualTo(ReaderSchema.newest());
        assertThat(ChangeDeserializerConfig.of(properties, true).readerSchema()).isEqualTo(ReaderSchema.version(3));
        assertThat(chosen("writer")).isEqualTo(ReaderSchema.writer());
        assertThat(chosen("id:17")).isEqualTo(ReaderSchema.id(17));
        ReaderSchema<?> fixed = ReaderSchema.fixed(new Schema.Parser().parse(SCHEMA));
        assertThat(chosen(SCHEMA)).isEqualTo(fixed);
        assertThat(chosen("file:" + Files.writeString(work.resolve("v.avsc"), SCHEMA)))
                .isEqualTo(fixed);
        assertThat(chosen(fixed)).isEqualTo(fixed);
        assertThat(chosen("class:" + Some.class.getName())).isEqualTo(ReaderSchema.generated(Some.class));
    }

    @Test
    void confluents_ways_to_a_reader_schema_are_understood_and_ours_is_stronger() {
        Map<String, Object> latest = Map.of("use.latest.version", true);
        assertThat(value(latest).readerSchema()).isEqualTo(ReaderSchema.newest());
        Map<String, Object> specific = Map.of("specific.avro.reader", "true", "specific.avro.value.type", Some.class);
        assertThat(value(specific).readerSchema()).isEqualTo(ReaderSchema.generated(Some.class));
        assertThat(ChangeDeserializerConfig.of(specific, true).readerSchema()).isEqualTo(ReaderSchema.writer());
        Map<String, Object> both = new HashMap<>(specific);
        both.put("cdc.value.reader.schema", "id:1");
        assertThat(value(both).readerSchema()).isEqualTo(ReaderSchema.id(1));
    }

    @Test
    void what_has_no_meaning_is_refused_by_its_name() {
        refused(Map.of("cdc.value.reader.schema", "latest"), "cdc.value.reader.schema", "newest, version:N");
        refused(Map.of("cdc.value.reader.schema", "version:0"), "cdc.value.reader.schema", "counted from 1");
        refused(Map.of("cdc.value.reader.schema", "version:x"), "cdc.value.reader.schema", "\"x\"");
        refused(Map.of("cdc.value.reader.schema", "class:no.Such"), "cdc.value.reader.schema", "no.Such");
        refused(Map.of("cdc.value.reader.schema", "class:java.lang.String"), "cdc.value.reader.schema", "generated");
        refused(Map.of("cdc.value.reader.schema", "file:/no/such"), "cdc.value.reader.schema", "/no/such");
        refused(Map.of("cdc.value.reader.schema", "{\"type\":\"recorx\"}"), "cdc.value.reader.schema", "recorx");
        refused(Map.of("cdc.registry.timeout.ms", "soon"), "cdc.registry.timeout.ms", "soon");
        refused(Map.of("cdc.registry.timeout.ms", "0"), "cdc.registry.timeout.ms", "0");
        refused(Map.of("specific.avro.reader", "true"), "specific.avro.reader", "specific.avro.value.type");
        refused(Map.of("schema.registry.url", "ftp://a"), "schema.registry.url", "ftp://a");
        Map<String, String> user = Map.of("schema.registry.url", "http://a", "basic.auth.user.info", "secret");
        assertThatThrownBy(() -> value(user))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("username:password")
                .hasMessageNotContaining("secret");
        refused(
                Map.of("schema.registry.url", "http://a", "basic.auth.credentials.source", "SASL_INHERIT"),
                "basic.auth.credentials.source",
                "USER_INFO");
    }

    private static ChangeDeserializerConfig value(Map<String, ?> properties) {
        return ChangeDeserializerConfig.of(properties, false);
    }

    private static ReaderSchema<?> chosen(Object reader) {
        return value(Map.of("cdc.value.reader.schema", reader)).readerSchema();
    }

    private static void refused(Map<String, ?> properties, String name, String why) {
        assertThatThrownBy(() -> value(properties))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(why);
    }

    /** Stands for a generated class. */
    public abstract static class Some extends SpecificRecordBase {}
}
