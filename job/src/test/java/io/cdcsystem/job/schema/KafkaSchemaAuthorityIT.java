package io.cdcsystem.job.schema;

import static io.cdcsystem.job.schema.Versions.DROPPED;
import static io.cdcsystem.job.schema.Versions.FIRST;
import static io.cdcsystem.job.schema.Versions.NARROWED;
import static io.cdcsystem.job.schema.Versions.WIDER;
import static io.cdcsystem.job.schema.Versions.alter;
import static io.cdcsystem.job.schema.Versions.first;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.cdcsystem.schema.authority.Ruling;
import io.cdcsystem.schema.authority.SchemaAuthority;
import io.cdcsystem.schema.compatibility.CompatibilityMode;
import io.cdcsystem.schema.envelope.AvroSchemas;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.event.Admission.DeadLetter;
import io.cdcsystem.schema.event.Admission.Publish;
import io.cdcsystem.schema.registry.HttpSchemaRegistry;
import io.cdcsystem.schema.registry.RegistryConfig;
import io.cdcsystem.schema.registry.RetryPolicy;
import io.cdcsystem.schema.ruling.BreakingChangePolicy;
import io.cdcsystem.schema.ruling.RegistrySchemaAuthority;
import io.cdcsystem.schema.ruling.SchemaDecision;
import io.cdcsystem.schema.ruling.SchemaPolicy;
import io.cdcsystem.schema.ruling.SubjectRegistrar;
import io.cdcsystem.schema.ruling.VersionFingerprint;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.sink.KafkaSinkConfig;
import io.cdcsystem.testbed.SharedServers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The authority against a real registry and a real broker. */
class KafkaSchemaAuthorityIT {
    private static final RetryPolicy IMPATIENT = new RetryPolicy(
            Duration.ofSeconds(2), Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofSeconds(2));

    private final String prefix = "authority-" + UUID.randomUUID();
    private final SchemaTopics topics = new SchemaTopics(
            KafkaSinkConfig.builder(SharedServers.kafka().bootstrapServers())
                    .exactlyOnce(prefix)
                    .build(),
            prefix);
    private final EnvelopeConfig envelope = EnvelopeConfig.of(prefix, "postgresql");

    @Test
    @Tag("E2")
    @Tag("E3")
    @Tag("E7")
    void versions_are_registered_and_told_before_the_ruling_is_given() throws Exception {
        try (SchemaAuthority authority = open(SchemaPolicy.DEFAULT)) {
            Publish one = published(authority.rule(first(FIRST)));
            assertThat(notices()).singleElement().satisfies(notice -> {
                assertThat(notice.path("kind").textValue()).isEqualTo("create");
                assertThat(notice.path("schemaIds").path("after").path("value").intValue())
                        .isEqualTo(one.valueSchemaId());
            });
            Publish two = published(authority.rule(alter(List.of(FIRST), WIDER)));
            assertThat(notices()).hasSize(2);
            assertThat(two.as()).isEqualTo(WIDER);
            assertThat(two.valueSchemaId()).isNotEqualTo(one.valueSchemaId());
            assertThat(two.keySchemaId()).isEqualTo(one.keySchemaId());
            assertThat(registry().versions(prefix + ".public.orders-value")).hasSize(2);
            assertThat(registry().lookup(prefix + ".public.orders-value", AvroSchemas.value(envelope, WIDER)))
                    .hasValueSatisfying(found -> assertThat(found.id()).isEqualTo(two.valueSchemaId()));
        }
    }

    @Test
    @Tag("E4")
    @Tag("E9")
    void a_breaking_change_waits_and_an_approval_takes_effect_at_the_next_question_and_after_a_restart()
            throws Exception {
        int firstId;
        Publish approved;
        try (SchemaAuthority authority = open(SchemaPolicy.DEFAULT)) {
            firstId = published(authority.rule(first(FIRST))).valueSchemaId();
            assertThat(pending(authority.rule(alter(List.of(FIRST), NARROWED))))
                    .contains("public.orders", "total", "int8", "int4", "value " + firstId, "./cdc schema approve");
            decide(NARROWED, SchemaDecision.Kind.APPROVED);
            approved = published(authority.rule(alter(List.of(FIRST), NARROWED)));
            assertThat(approved.as()).isEqualTo(NARROWED);
            assertThat(approved.valueSchemaId()).isNotEqualTo(firstId);
        }
        assertThat(notices())
                .extracting(notice -> notice.path("verdict").textValue())
                .containsExactly("compatible", "pending", "approved");
        JsonNode last = notices().get(2);
        assertThat(last.path("id")).isEqualTo(notices().get(1).path("id"));
        assertThat(last.path("decision").path("by").textValue()).isEqualTo("ann");

        try (SchemaAuthority restarted = open(SchemaPolicy.DEFAULT)) {
            assertThat(published(restarted.rule(alter(List.of(FIRST), NARROWED))))
                    .isEqualTo(approved);
            // Back on its guard: what comes next is judged as ever.
            assertThat(pending(restarted.rule(alter(List.of(FIRST, NARROWED), DROPPED))))
                    .contains("total");
        }
    }

    @Test
    @Tag("E9")
    void a_rejection_survives_a_restart() throws Exception {
        try (SchemaAuthority authority = open(SchemaPolicy.DEFAULT)) {
            authority.rule(first(FIRST));
            pending(authority.rule(alter(List.of(FIRST), DROPPED)));
        }
        decide(DROPPED, SchemaDecision.Kind.REJECTED);
        for (int run = 0; run < 2; run++) {
            try (SchemaAuthority authority = open(SchemaPolicy.DEFAULT)) {
                assertThat(admission(authority.rule(alter(List.of(FIRST), DROPPED))))
                        .isInstanceOfSatisfying(DeadLetter.class, letter -> assertThat(letter.reason())
                                .contains("rejected by ann"));
            }
        }
        assertThat(registry().versions(prefix + ".public.orders-value")).hasSize(1);
        assertThat(notices())
                .extracting(notice -> notice.path("verdict").textValue())
                .containsExactly("compatible", "pending", "rejected");
    }

    @ParameterizedTest
    @EnumSource(CompatibilityMode.class)
    @Tag("E11")
    void each_mode_judges_with_the_registry(CompatibilityMode mode) {
        try (SchemaAuthority authority = open(new SchemaPolicy(mode, BreakingChangePolicy.PAUSE))) {
            published(authority.rule(first(FIRST)));
            assertThat(published(authority.rule(alter(List.of(FIRST), WIDER))).as())
                    .isEqualTo(WIDER);
            Ruling dropped = authority.rule(alter(List.of(FIRST, WIDER), DROPPED));
            if (mode == CompatibilityMode.NONE) {
                assertThat(published(dropped).as()).isEqualTo(DROPPED);
            } else {
                assertThat(pending(dropped)).contains(mode.configName(), "total");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(BreakingChangePolicy.class)
    @Tag("E9")
    void each_policy_does_as_it_says(BreakingChangePolicy policy) throws Exception {
        try (SchemaAuthority authority = open(new SchemaPolicy(CompatibilityMode.BACKWARD, policy))) {
            Publish one = published(authority.rule(first(FIRST)));
            switch (policy) {
                case PAUSE -> pending(authority.rule(alter(List.of(FIRST), DROPPED)));
                case FAIL ->
                    assertThatThrownBy(() -> authority.rule(alter(List.of(FIRST), DROPPED)))
                            .isInstanceOfSatisfying(CdcException.class, e -> assertThat(e.code())
                                    .isEqualTo(ErrorCode.BREAKING_CHANGE));
                case DEAD_LETTER ->
                    assertThat(admission(authority.rule(alter(List.of(FIRST), DROPPED))))
                            .isInstanceOf(DeadLetter.class);
                case IGNORE_COLUMN ->
                    assertThat(published(authority.rule(alter(List.of(FIRST), DROPPED))))
                            .isEqualTo(one);
            }
        }
        assertThat(notices()).hasSize(2);
        assertThat(registry().versions(prefix + ".public.orders-value")).hasSize(1);
    }

    @Test
    @Tag("E4")
    void what_the_subject_holds_already_may_refuse_the_first_version() {
        String other = AvroSchemas.value(envelope, FIRST).replace("\"name\":\"total\"", "\"name\":\"id2\"");
        registry()
                .register(
                        prefix + ".public.orders-value",
                        other.replace("[\"null\",\"long\"],\"default\":null", "\"long\""));
        registry().setCompatibility(prefix + ".public.orders-value", CompatibilityMode.FULL);
        try (SchemaAuthority authority = open(SchemaPolicy.DEFAULT)) {
            assertThat(pending(authority.rule(first(FIRST))))
                    .contains("the schema registry refuses", prefix + ".public.orders-value");
            assertThat(registry().versions(prefix + ".public.orders-key")).isEmpty();
            decide(FIRST, SchemaDecision.Kind.APPROVED);
            assertThat(published(authority.rule(first(FIRST))).as()).isEqualTo(FIRST);
        }
        assertThat(registry().compatibility(prefix + ".public.orders-value")).contains(CompatibilityMode.FULL);
    }

    @Test
    @Tag("E8")
    void a_registry_that_is_down_is_asked_again_later() throws Exception {
        int port;
        try (ServerSocket taken = new ServerSocket(0)) {
            port = taken.getLocalPort();
        }
        try (SchemaAuthority authority = open(config("http://127.0.0.1:" + port))) {
            assertThatThrownBy(() -> authority.rule(first(FIRST)))
                    .isInstanceOfSatisfying(
                            CdcException.class, e -> assertThat(e.code().kind()).isEqualTo(ErrorCode.Kind.TRANSIENT));
        }
        assertThat(notices()).isEmpty();
    }

    @Test
    @Tag("E7")
    void what_two_runs_of_a_pipeline_tell_at_a_time_stands_once_in_its_topic() throws Exception {
        List<TableSchema> versions = new ArrayList<>();
        for (int columns = 2; columns <= 20; columns++) {
            versions.add(Versions.wide(columns));
        }
        ExecutorService runs = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> told = new ArrayList<>();
            for (int run = 0; run < 2; run++) {
                told.add(runs.submit(() -> tellAll(versions)));
            }
            for (Future<?> one : told) {
                one.get(2, TimeUnit.MINUTES);
            }
        } finally {
            runs.shutdownNow();
        }
        assertThat(notices().stream().map(notice -> notice.path("id").textValue()))
                .hasSameSizeAs(versions)
                .doesNotHaveDuplicates();
    }

    /** Asks again what another run got in between of. */
    private void tellAll(List<TableSchema> versions) {
        try (SchemaAuthority authority = new KafkaSchemaAuthorityConfig(
                        envelope, null, TablePolicies.all(SchemaPolicy.DEFAULT), topics)
                .open()) {
            for (TableSchema version : versions) {
                Ruling ruling = null;
                while (ruling == null) {
                    try {
                        ruling = authority.rule(first(version));
                    } catch (CdcException e) {
                        assertThat(e.code().kind()).as(e.getMessage()).isEqualTo(ErrorCode.Kind.TRANSIENT);
                    }
                }
                published(ruling);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"500,REGISTRY_UNREACHABLE", "409,SCHEMA_REJECTED", "422,SCHEMA_REJECTED"})
    @Tag("E8")
    void a_registry_that_answers_wrongly_admits_nothing(int status, ErrorCode expected) throws Exception {
        HttpServer broken = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        broken.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] body = "{\"error_code\":1,\"message\":\"not today\"}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        broken.start();
        try (SchemaAuthority authority =
                open(config("http://127.0.0.1:" + broken.getAddress().getPort()))) {
            assertThatThrownBy(() -> authority.rule(first(FIRST)))
                    .isInstanceOfSatisfying(
                            CdcException.class, e -> assertThat(e.code()).isEqualTo(expected))
                    .hasMessageContaining("not today");
        } finally {
            broken.stop(0);
        }
        assertThat(notices()).isEmpty();
    }

    @Test
    @Tag("E7")
    void json_needs_no_registry_and_is_told_of_and_judged_all_the_same() throws Exception {
        try (SchemaAuthority authority = new KafkaSchemaAuthorityConfig(
                        envelope, null, TablePolicies.all(SchemaPolicy.DEFAULT), topics)
                .open()) {
            assertThat(published(authority.rule(first(FIRST)))).isEqualTo(new Publish(FIRST, 0, 0));
            pending(authority.rule(alter(List.of(FIRST), DROPPED)));
            decide(DROPPED, SchemaDecision.Kind.APPROVED);
            assertThat(published(authority.rule(alter(List.of(FIRST), DROPPED))))
                    .isEqualTo(new Publish(DROPPED, 0, 0));
        }
        assertThat(notices()).hasSize(3).allSatisfy(notice -> assertThat(
                        notice.path("schemaIds").path("after").isNull())
                .isTrue());
    }

    private SchemaAuthority open(SchemaPolicy policy) {
        return new KafkaSchemaAuthorityConfig(
                        envelope, config(SharedServers.registry().url()), TablePolicies.all(policy), topics)
                .open();
    }

    /** The same with a registry that is given up on soon. */
    private SchemaAuthority open(RegistryConfig registry) {
        return new RegistrySchemaAuthority(
                new SubjectRegistrar(envelope, new HttpSchemaRegistry(registry, IMPATIENT)),
                TablePolicies.all(SchemaPolicy.DEFAULT),
                new KafkaSchemaNotices(topics),
                new KafkaSchemaDecisions(topics));
    }

    private static RegistryConfig config(String url) {
        return new RegistryConfig(List.of(url), null, null, Duration.ofMinutes(5));
    }

    private static HttpSchemaRegistry registry() {
        return new HttpSchemaRegistry(config(SharedServers.registry().url()));
    }

    private void decide(TableSchema version, SchemaDecision.Kind kind) {
        SchemaDecisionLog.record(
                topics,
                new SchemaDecision(
                        "shop.public.orders", VersionFingerprint.of(version), kind, "ann", null, Instant.EPOCH));
    }

    private List<JsonNode> notices() throws JsonProcessingException {
        List<JsonNode> notices = new ArrayList<>();
        try (TopicTail tail = new TopicTail(topics, topics.changes())) {
            for (var one : tail.catchUp()) {
                assertThat(one.key()).isEqualTo("{\"table\":\"shop.public.orders\"}");
                notices.add(new ObjectMapper().readTree(one.value()));
            }
        }
        return notices;
    }

    private static String pending(Ruling ruling) {
        assertThat(ruling).isInstanceOf(Ruling.Pending.class);
        return ((Ruling.Pending) ruling).reason();
    }

    private static @Nullable Admission admission(Ruling ruling) {
        assertThat(ruling).isInstanceOf(Ruling.Admitted.class);
        return ((Ruling.Admitted) ruling).admission();
    }

    private static Publish published(Ruling ruling) {
        Admission admission = admission(ruling);
        assertThat(admission).isInstanceOf(Publish.class);
        return (Publish) Objects.requireNonNull(admission);
    }
}
