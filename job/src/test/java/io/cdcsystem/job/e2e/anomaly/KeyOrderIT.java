package io.cdcsystem.job.e2e.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cdcsystem.testbed.verify.TopicEvent;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Keys whose order is not Java's: tiny chunks over them, read under two generations while rows come, change and go.
 *
 * <p>Collation {@code en_US} is ICU's: the C library's is not on every machine.
 */
@Tag("S2")
@Tag("S4")
class KeyOrderIT {
    private static final String WORDS =
            "unnest(ARRAY['a', 'A', 'aa', 'aB', 'Ab', 'AB', 'b', 'B', 'z', 'Z', 'ä', 'Ä', 'æ',"
                    + " 'ß', 'ss', 'é', 'e', 'E', 'ff', 'ﬀ', 'o', 'ö', 'Ω', 'я', 'Я', '中', '😀', '0', '9', '10', '1', '_', '-', '~',"
                    + " ' ', '''', '\"', '\\', '%', 'a b', 'a-b', 'ab', 'a_b', 'co-op', 'coop', 'CO-OP', '', 'x''y', '{}', '(1,2)',"
                    + " 'NULL', 'null', E'tab\\there', E'line\\nbreak'])";
    private static final String NUMBERS = "unnest(ARRAY['0', '-0.5', '0.5', '1', '10', '9',"
            + " '1e30', '-1e30', '0.00001', '0.000010001', '123456789012345678901234567890.123456789', '-1', '100', '99.9',"
            + " '99.99', '2', '3', '4', '5', '6', '7', '8', '11', '12', '13', '14', '15']::numeric[])";
    private static final String TIMES = "unnest(ARRAY['infinity', '-infinity', '0001-01-01 00:00:00+00 BC',"
            + " '2026-01-01 00:00:00.000001+00', '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+01', '1970-01-01 00:00:00+00',"
            + " '1969-12-31 23:59:59.999999+00', '9999-12-31 23:59:59.999999+00', '12026-05-05 05:05:05+00',"
            + " '2026-03-29 01:30:00+00', '2026-03-29 02:30:00+00', '1900-01-01 00:00:00+00', '2000-02-29 12:00:00+00',"
            + " '2026-06-01 00:00:00+00', '2026-06-02 00:00:00+00', '2026-06-03 00:00:00+00', '2026-06-04 00:00:00+00',"
            + " '2026-06-05 00:00:00+00', '2026-06-06 00:00:00+00']::timestamptz[])";

    static Stream<Arguments> keys() {
        return Stream.of(
                Arguments.of("text COLLATE \"C\"", WORDS, ""),
                Arguments.of("text COLLATE \"en-US-x-icu\"", WORDS, ""),
                Arguments.of("varchar(40) COLLATE \"sv-x-icu\"", WORDS, ""),
                Arguments.of("text", WORDS, " TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"),
                Arguments.of("numeric", NUMBERS, ""),
                Arguments.of("timestamptz", TIMES, ""));
    }

    @ParameterizedTest(name = "I_{0}{2}")
    @MethodSource("keys")
    void I_rows_are_read_once_whatever_the_order_of_their_keys(String type, String values, String locale)
            throws Exception {
        TestDatabase database = TestDatabase.create(Shared.postgres(), locale);
        database.execute(
                "CREATE TABLE t (id " + type + " PRIMARY KEY, name text NOT NULL, n int NOT NULL, hold gate,"
                        + " held boolean NOT NULL DEFAULT false)",
                "INSERT INTO t SELECT x, x::text, 0 FROM " + values + " x",
                "UPDATE t SET hold = '(t)', held = true WHERE id ="
                        + " (SELECT id FROM t ORDER BY id OFFSET (SELECT count(*) / 2 FROM t) LIMIT 1)");
        long rows = database.number("SELECT count(*) FROM t");
        Settings settings = Settings.DEFAULT.chunkSize(3);
        try (AnomalyPipeline pipeline =
                new AnomalyPipeline(Shared.cluster(), Shared.kafka(), database, settings, "t")) {
            try (Session hold = pipeline.startHeldWithin("t", 1)) {
                pipeline.awaitCount("t", 3);
                change(database, 1);
                pipeline.checkpoint();
                pipeline.kill();
                change(database, 2);
                pipeline.start(2);
                pipeline.awaitHeldAt("gate");
                change(database, 3);
            }
            pipeline.awaitFence();
            pipeline.await(
                    "the rows of the table", () -> folded(pipeline.events("t")).equals(stored(database)));
            assertThat(repeatedReads(pipeline.events("t")))
                    .as("rows read twice")
                    .isEmpty();
            assertThat(pipeline.count("t")).isGreaterThanOrEqualTo(rows);
        }
    }

    /** Debezium's precise decimals have no place for it, nor for the infinities: said by name, and nothing of it published. */
    @Test
    void I_a_key_that_is_not_a_number_is_refused_by_name() throws Exception {
        TestDatabase database = TestDatabase.create(Shared.postgres());
        database.execute(
                "CREATE TABLE t (id numeric PRIMARY KEY)",
                "INSERT INTO t SELECT i FROM generate_series(1, 5) i",
                "INSERT INTO t VALUES ('NaN')");
        try (AnomalyPipeline pipeline =
                new AnomalyPipeline(Shared.cluster(), Shared.kafka(), database, Settings.DEFAULT.chunkSize(3), "t")) {
            pipeline.start(1);
            pipeline.await("the failure", () -> pipeline.failures()
                    .contains("VALUE_UNREPRESENTABLE: the decimal NaN in public.t.id"));
            assertThat(pipeline.count("t")).isLessThanOrEqualTo(5);
        }
    }

    /** Every third row changes, some go, some of these come back; which ones depends on the round. */
    private static void change(TestDatabase database, int round) throws Exception {
        String numbered = " (SELECT id, row_number() OVER (ORDER BY id) r FROM t WHERE NOT held) x";
        database.execute(
                "UPDATE t SET n = n + 1 FROM" + numbered + " WHERE t.id = x.id AND r % 3 = " + round % 3,
                "CREATE TABLE gone" + round + " AS SELECT t.id, name, n FROM t," + numbered
                        + " WHERE t.id = x.id AND r % 7 = " + round,
                "DELETE FROM t USING gone" + round + " g WHERE t.id = g.id",
                "INSERT INTO t SELECT * FROM gone" + round + " ORDER BY id OFFSET 1");
    }

    private static Map<String, Integer> folded(List<TopicEvent> events) {
        Map<JsonNode, JsonNode> rows = new HashMap<>();
        for (TopicEvent event : events) {
            JsonNode after = event.value() == null ? null : event.value().path("after");
            if (after != null && after.isObject()) {
                rows.put(event.key(), after);
            } else {
                rows.remove(event.key());
            }
        }
        Map<String, Integer> versions = new HashMap<>();
        rows.values()
                .forEach(row ->
                        versions.put(row.path("name").asText(), row.path("n").asInt()));
        assertThat(versions).as("keys that are different").hasSameSizeAs(rows);
        return versions;
    }

    private static List<JsonNode> repeatedReads(List<TopicEvent> events) {
        Map<JsonNode, Integer> reads = new HashMap<>();
        for (TopicEvent event : events) {
            if (event.value() != null && event.value().path("op").asText().equals("r")) {
                reads.merge(event.key(), 1, Integer::sum);
            }
        }
        reads.values().removeIf(count -> count == 1);
        return List.copyOf(reads.keySet());
    }

    private static Map<String, Integer> stored(TestDatabase database) throws Exception {
        Map<String, Integer> versions = new HashMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT name, n FROM t")) {
            while (row.next()) {
                versions.put(row.getString(1), row.getInt(2));
            }
        }
        return versions;
    }
}
