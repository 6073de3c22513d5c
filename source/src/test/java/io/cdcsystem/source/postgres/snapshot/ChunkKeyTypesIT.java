package io.cdcsystem.source.postgres.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.postgres.PostgresFixture;
import io.cdcsystem.source.split.ChunkRange;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.PostgresVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Whatever the key's type and order: chunks that are planned while rows come and go hold the snapshot's rows exactly once.
 */
@Tag("S3")
class ChunkKeyTypesIT {
    /** Rows of the snapshot that an expression of {@code g} makes. */
    private static final int GENERATED = 60;

    private static final String SPECIAL_TEXTS =
            "('') (' ') ('''') ('\\') ('a''b\\c') ('%s') ('ß') ('SS') ('É') ('é') ('e') (E'\\n') (';--') ('$$') ('A') ('b')"
                    + " ('_') ('-a') ('ab') ('a-c') ('{}') ('NULL')";

    /** {@code name | columns of the key | expressions of g | special values as row constructors}. */
    static final List<String> KEYS = List.of(
            "int | k int | CASE WHEN g % 2 = 0 THEN g ELSE 2000000000 + g END | (-2147483648) (2147483647) (0)",
            "bigint with holes | k bigint | (2::numeric ^ (g % 61))::bigint + g"
                    + " | (-9223372036854775808) (9223372036854775807)",
            "smallint | k smallint | g * 7 |",
            "numeric with NaN and Infinity | k numeric | g * 1.001 - 30"
                    + " | ('NaN') ('Infinity') ('-Infinity') (1e100) (0.000000000000000000001) (0.00)",
            "numeric(5,2) | k numeric(5,2) | g * 0.37 | ('NaN') (999.99) (-999.99)",
            "float8 | k float8 | sqrt(g) | ('NaN') ('Infinity') ('-Infinity') (1e-308) (0.1) (0)",
            "float4 | k float4 | sqrt(g) | ('NaN') ('Infinity') ('-Infinity') (1e-37) (0.1)",
            "uuid | k uuid | md5(g::text)::uuid | ('00000000-0000-0000-0000-000000000000')",
            "bytea | k bytea | decode(md5(g::text), 'hex') | ('') ('\\x00') ('\\x5c') ('\\xff27')",
            "text | k text | chr(64 + g % 40) || g | " + SPECIAL_TEXTS,
            "text C | k text COLLATE \"C\" | chr(64 + g % 40) || g | " + SPECIAL_TEXTS,
            "text ICU root | k text COLLATE \"und-x-icu\" | chr(64 + g % 40) || g | " + SPECIAL_TEXTS,
            "text ICU en_US | k text COLLATE \"en-US-x-icu\" | chr(64 + g % 40) || g | " + SPECIAL_TEXTS,
            "text case-insensitive | k text COLLATE ci | chr(65 + g % 26) || g"
                    + " | ('') ('''') ('\\') ('ß') ('x') ('É') ('e') ('_')",
            "text case- and accent-insensitive | k text COLLATE ai | chr(65 + g % 26) || g"
                    + " | ('') ('''') ('\\') ('x') ('É') ('_')",
            "varchar(3) | k varchar(3) | chr(65 + g % 26) || g % 100 | ('') ('abc') ('ab ')",
            "char(5) | k char(5) | chr(65 + g % 26) || g | ('') ('abcde') (' x')",
            "char(1) and int | k char, l int | chr(65 + g % 3), g | ('', 1) ('x', 2)",
            "\"char\" | k \"char\" | chr(40 + g % 80) | (' ') ('')",
            "name | k name | 'n' || g | ('') ('it''s')",
            "citext outside of the search path | k ext.citext | chr(CASE WHEN g % 2 = 0 THEN 64 ELSE 96 END + g % 26) || g"
                    + " | ('') ('''') ('_') ('Z') ('[')",
            "citext and int | k ext.citext, l int | chr(CASE WHEN g % 2 = 0 THEN 65 ELSE 97 END + g % 3), g |",
            "domain over citext | k folded | chr(CASE WHEN g % 2 = 0 THEN 64 ELSE 96 END + g % 26) || g | ('_') ('Z')",
            "domain whose check was added later | k positive | g - 30 | (1000)",
            "enum | k mood, l int | (ARRAY['sad', 'ok', 'Glad', 'it''s'])[1 + g % 4]::mood, g |",
            "bool and int | k bool, l int | g % 2 = 0, g |",
            "date | k date | date '2020-01-01' + g | ('infinity') ('-infinity') ('0044-03-15 BC') ('5874897-01-01')",
            "timestamp | k timestamp | timestamp '2020-01-01' + g * interval '1.000001 s'"
                    + " | ('infinity') ('-infinity') ('0044-03-15 12:00 BC')",
            "timestamptz with infinity | k timestamptz | timestamptz '2020-03-29 00:00Z' + g * interval '17.000001 min'"
                    + " | ('infinity') ('-infinity') ('294276-12-31 23:59Z')",
            "time | k time | time '00:00' + g * interval '1.000001 s' | ('24:00')",
            "timetz | k timetz | timetz '00:00+05:30' + g * interval '1.000001 s' | ('24:00+00') ('12:00-15:59:59')",
            "interval | k interval | g * interval '1 month 3 days 00:00:01.5' | ('-1 year 2 days') ('0') ('-00:00:00.1')",
            "bit(3) and int | k bit(3), l int | (g % 8)::bit(3), g |",
            "bit varying | k varbit | g::bit(12)::varbit | ('') ('1') ('10')",
            "inet | k inet | inet '10.0.0.0' + g | ('10.0.0.1/8') ('::1') ('10.0.0.0/8')",
            "macaddr | k macaddr | ('08:00:2b:01:02:' || lpad(to_hex(g % 256), 2, '0'))::macaddr |",
            "money | k money | g * 1234.56::money | ('-0.01')",
            "oid | k oid | g::oid | (4294967295)",
            "pg_lsn | k pg_lsn | pg_lsn '0/0' + g::numeric * 4294967296 | ('FFFFFFFF/FFFFFFFF')",
            "int[] | k int[] | ARRAY[g % 5, NULL, g] | ('{}') ('{NULL}') ('{7}')",
            "text[] | k text[] | ARRAY['a \"\\', NULL, g::text] | ('{}') ('{\"\"}') ('{\"NULL\"}')",
            "range | k int4range | int4range(g, g + 3) | ('empty') ('(,)') ('(,5)') ('[5,)')",
            "jsonb | k jsonb | jsonb_build_object('a', g) | ('1.10') ('\"x\\\\\"') ('[]') ('null')",
            "tsvector | k tsvector | to_tsvector('simple', 'w' || g) | ('''a b'':1')",
            "composite type | k pair | ROW(g % 5, 'x \"' || g)::pair |",
            "key in another order than the columns | k int, l text | g, 'l' || g % 3 | @(l, k)",
            "composite with skew | k int, l timestamptz, m uuid"
                    + " | 1, timestamptz '2020-01-01Z' + g % 3 * interval '1 s', md5(g::text)::uuid |");

    private static PostgresServer newest;
    private static PostgresServer oldest;

    @BeforeAll
    static void startServers() {
        newest = start(PostgresVersion.newest());
        oldest = start(PostgresVersion.V14);
    }

    /** Every key leaves a slot behind. */
    private static PostgresServer start(PostgresVersion version) {
        return PostgresServer.builder()
                .version(version)
                .setting("max_replication_slots", "100")
                .start();
    }

    @AfterAll
    static void stopServers() {
        newest.close();
        oldest.close();
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("KEYS")
    void chunks_hold_every_row_once_on_18(String key) throws Exception {
        assertExact(newest, key);
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("KEYS")
    void chunks_hold_every_row_once_on_14(String key) throws Exception {
        assertExact(oldest, key);
    }

    private static void assertExact(PostgresServer server, String key) throws Exception {
        Key parsed = Key.parse(key);
        PostgresFixture pg = PostgresFixture.on(server);
        pg.execute(
                "CREATE SCHEMA ext",
                "CREATE EXTENSION citext SCHEMA ext",
                "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                "CREATE COLLATION ai (provider = icu, locale = 'und-u-ks-level1', deterministic = false)",
                "CREATE TYPE mood AS ENUM ('sad', 'ok', 'Glad', 'it''s')",
                "CREATE TYPE pair AS (a int, b text)",
                "CREATE DOMAIN positive AS int",
                "CREATE DOMAIN folded AS ext.citext",
                "CREATE TABLE t (id serial, " + parsed.columns() + ", PRIMARY KEY " + parsed.primaryKey() + ")");
        pg.execute(parsed.inserts().toArray(String[]::new));
        pg.execute("ALTER DOMAIN positive ADD CHECK (VALUE > 1000) NOT VALID");
        int rows = Integer.parseInt(pg.single("SELECT count(*) FROM t"));
        try (Chunks chunks = Chunks.of(pg)) {
            int added = 2000;
            for (int rowsPerChunk : new int[] {1, 7, 1000}) {
                List<Integer> ids = new ArrayList<>();
                int planned = 0;
                ChunkRange after = null;
                boolean complete = false;
                while (!complete) {
                    ChunkPlan plan = Objects.requireNonNull(
                            chunks.database.planChunks(chunks.table, null, after, rowsPerChunk, 4));
                    // Rows come, and rows of the snapshot go, before the next bounds are taken.
                    pg.execute(
                            "DELETE FROM t WHERE id % 50 = " + added++ % 50,
                            parsed.insert(added, added + 1) + " ON CONFLICT DO NOTHING");
                    complete = plan.complete();
                    for (ChunkRange range : plan.ranges()) {
                        ids.addAll(chunks.read(range));
                        after = range;
                        planned++;
                    }
                }
                assertThat(ids)
                        .as("%d rows per chunk", rowsPerChunk)
                        .containsExactlyInAnyOrderElementsOf(
                                IntStream.rangeClosed(1, rows).boxed().toList());
                assertThat(planned).isGreaterThanOrEqualTo(rowsPerChunk == 1000 ? 1 : rowsPerChunk == 7 ? 5 : 20);
            }
        }
    }

    private record Key(String columns, String values, String specials, String primaryKey, String names) {
        static Key parse(String text) {
            String[] parts = text.split("\\|(?!\\|)(?<!\\|\\|)", -1);
            String columns = parts[1].strip();
            String specials = parts[3].strip();
            StringBuilder names = new StringBuilder("(k");
            names.append(columns.contains(", l ") ? ", l" : "").append(columns.contains(", m ") ? ", m" : "");
            names.append(')');
            boolean reordered = specials.startsWith("@");
            return new Key(
                    columns,
                    parts[2].strip(),
                    reordered ? "" : specials,
                    reordered ? specials.substring(1) : names.toString(),
                    names.toString());
        }

        List<String> inserts() {
            List<String> inserts = new ArrayList<>(List.of(insert(1, GENERATED)));
            if (!specials.isEmpty()) {
                inserts.add("INSERT INTO t " + names + " VALUES " + specials.replace(") (", "), ("));
            }
            return inserts;
        }

        String insert(int from, int to) {
            return "INSERT INTO t " + names + " SELECT " + values + " FROM generate_series(" + from + ", " + to
                    + ") g ORDER BY md5(g::text)";
        }
    }
}
