package io.cdcsystem.job.command;

import static io.cdcsystem.job.schema.Versions.DROPPED;
import static io.cdcsystem.job.schema.Versions.FIRST;
import static io.cdcsystem.job.schema.Versions.NARROWED;
import static io.cdcsystem.job.schema.Versions.alter;
import static io.cdcsystem.job.schema.Versions.first;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.job.schema.KafkaSchemaAuthorityConfig;
import io.cdcsystem.job.schema.SchemaTopics;
import io.cdcsystem.job.schema.TablePolicies;
import io.cdcsystem.schema.authority.Ruling;
import io.cdcsystem.schema.authority.SchemaAuthority;
import io.cdcsystem.schema.authority.VersionRequest;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.ruling.SchemaPolicy;
import io.cdcsystem.schema.ruling.VersionFingerprint;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.sink.KafkaSinkConfig;
import io.cdcsystem.testbed.SharedServers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cdc schema}: what it shows was told by a real authority, which acts on what it records. */
@Tag("E9")
class SchemaCommandIT {
    @TempDir
    private Path folder;

    private final String prefix = "schema-" + UUID.randomUUID();
    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();
    private Path file;
    private SchemaAuthority authority;

    @BeforeEach
    void open() throws IOException {
        String brokers = SharedServers.kafka().bootstrapServers();
        file = Files.writeString(folder.resolve("pipeline.yaml"), """
                name: shop
                source:
                  { type: postgres, hostname: unused, username: u, password: s3cret, database: shop, tables: public.* }
                sink: { bootstrap.servers: '%s', topic.prefix: %s }
                """.formatted(brokers, prefix));
        authority = new KafkaSchemaAuthorityConfig(
                        EnvelopeConfig.of(prefix, "postgresql"),
                        null,
                        TablePolicies.all(SchemaPolicy.DEFAULT),
                        new SchemaTopics(KafkaSinkConfig.builder(brokers).build(), prefix))
                .open();
    }

    @AfterEach
    void close() {
        authority.close();
    }

    @Test
    void an_approval_lets_the_change_through() throws Exception {
        VersionRequest breaking = pending();
        assertThat(execute("list")).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("shop.public.orders: 1 version(s)")
                .contains("pending for", VersionFingerprint.of(DROPPED), "total")
                .contains("./cdc schema approve -c " + file + " shop.public.orders");

        assertThat(execute("approve", "public.orders", "--by", "ann", "--reason", "agreed"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("approved shop.public.orders", "as ann", prefix + ".schema-decisions");
        assertThat(authority.rule(breaking)).isEqualTo(new Ruling.Admitted(new Admission.Publish(DROPPED, 0, 0)));

        assertThat(execute("list", "--json")).isZero();
        JsonNode table =
                new ObjectMapper().readTree(out.toString()).path("tables").path(0);
        assertThat(table.path("table").textValue()).isEqualTo("shop.public.orders");
        assertThat(table.path("versions").intValue()).isEqualTo(2);
        assertThat(table.path("pending").isArray()).isTrue();
        assertThat(table.path("pending")).isEmpty();
        assertThat(table.path("published").path("fingerprint").textValue()).isEqualTo(VersionFingerprint.of(DROPPED));
        assertThat(table.path("decisions").path(0).path("by").textValue()).isEqualTo("ann");
        assertThat(table.path("decisions").path(0).path("reason").textValue()).isEqualTo("agreed");
    }

    @Test
    void each_of_two_versions_that_wait_is_shown_and_decided_on_by_its_fingerprint() throws Exception {
        VersionRequest first = pending();
        VersionRequest second = new VersionRequest(
                TableChange.inferred(DROPPED, NARROWED), List.of(FIRST), new Position(1, 0x3000, 4), null);
        assertThat(authority.rule(second)).isInstanceOf(Ruling.Pending.class);

        assertThat(execute("list")).as(err.toString()).isZero();
        for (TableSchema version : List.of(DROPPED, NARROWED)) {
            assertThat(out.toString())
                    .contains("version " + VersionFingerprint.of(version) + " at")
                    .contains("approve -c " + file + " shop.public.orders --fingerprint "
                            + VersionFingerprint.of(version));
        }
        assertThat(execute("approve", "public.orders")).isEqualTo(1);
        assertThat(err.toString()).contains("several changes", "--fingerprint");
        assertThat(execute("approve", "public.orders", "--fingerprint", VersionFingerprint.of(DROPPED)))
                .as(err.toString())
                .isZero();
        assertThat(authority.rule(first)).isEqualTo(new Ruling.Admitted(new Admission.Publish(DROPPED, 0, 0)));

        assertThat(execute("list", "--json")).isZero();
        JsonNode waiting = new ObjectMapper()
                .readTree(out.toString())
                .path("tables")
                .path(0)
                .path("pending");
        assertThat(waiting).singleElement().satisfies(one -> assertThat(
                        one.path("fingerprint").textValue())
                .isEqualTo(VersionFingerprint.of(NARROWED)));
    }

    @Test
    void a_rejection_needs_no_table_where_one_change_is_pending() throws Exception {
        VersionRequest breaking = pending();
        assertThat(execute("reject", "--json")).as(err.toString()).isZero();
        JsonNode decision = new ObjectMapper().readTree(out.toString());
        assertThat(decision.path("decision").textValue()).isEqualTo("rejected");
        assertThat(decision.path("by").textValue()).isEqualTo(System.getProperty("user.name"));
        assertThat(authority.rule(breaking))
                .isInstanceOfSatisfying(Ruling.Admitted.class, admitted -> assertThat(admitted.admission())
                        .isInstanceOf(Admission.DeadLetter.class));
        assertThat(execute("list")).isZero();
        assertThat(out.toString()).contains("last change rejected", "rejected by");

        assertThat(execute("approve")).as("it is decided on").isEqualTo(1);
        assertThat(err.toString()).contains("no change waits for a decision", "./cdc schema list -c " + file);
        assertThat(execute(
                        "approve",
                        "--fingerprint",
                        VersionFingerprint.of(DROPPED).substring(0, 6)))
                .as(err.toString())
                .isZero();
    }

    @Test
    void nothing_and_too_much_are_told_apart() {
        assertThat(execute("list")).isZero();
        assertThat(out.toString()).contains("nothing was told yet");
        assertThat(execute("approve", "public.orders")).isEqualTo(1);
        assertThat(err.toString()).contains("TABLE_MISSING", "public.orders");

        pending();
        TableSchema bills = new TableSchema(new TableId("shop", "public", "bills"), FIRST.columns(), List.of("id"));
        TableSchema fewer = new TableSchema(bills.id(), DROPPED.columns(), List.of("id"));
        authority.rule(new VersionRequest(
                TableChange.inferred(bills, fewer), List.of(bills), new Position(1, 0x3000, 0), null));
        assertThat(execute("approve")).isEqualTo(1);
        assertThat(err.toString()).contains("several changes", "shop.public.bills", "shop.public.orders");
        assertThat(execute("approve", "public.nosuch")).isEqualTo(1);
        assertThat(err.toString()).contains("known are shop.public.bills, shop.public.orders");
        assertThat(execute("approve", "public.orders", "--fingerprint", "zz")).isEqualTo(1);
        assertThat(err.toString()).contains("no version of public.orders begins with the fingerprint zz");
    }

    @Test
    void wrong_usage_exits_with_2() {
        assertThat(execute("approve", "a.b", "c.d")).isEqualTo(2);
        assertThat(execute("approve", "--by", " ")).isEqualTo(2);
        assertThat(execute("aprove")).isEqualTo(2);
        assertThat(err.toString()).doesNotContain("\tat ");
    }

    private VersionRequest pending() {
        authority.rule(first(FIRST));
        VersionRequest breaking = alter(List.of(FIRST), DROPPED);
        assertThat(authority.rule(breaking)).isInstanceOf(Ruling.Pending.class);
        return breaking;
    }

    private int execute(String command, String... arguments) {
        List<String> all = new ArrayList<>(List.of("schema", command, "-c", file.toString()));
        all.addAll(List.of(arguments));
        out = new StringWriter();
        err = new StringWriter();
        return Cdc.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(new String[0]));
    }
}
