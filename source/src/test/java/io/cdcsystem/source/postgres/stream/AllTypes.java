package io.cdcsystem.source.postgres.stream;

import java.util.List;

/** A column of every type with a known binary form, with values from its edges. */
final class AllTypes {
    private AllTypes() {}

    record Sample(String type, List<String> literals) {}

    static final List<String> PRELUDE = List.of(
            "CREATE EXTENSION IF NOT EXISTS citext",
            "CREATE TYPE mood AS ENUM ('sad', 'ok', 'hap\"py')",
            "CREATE DOMAIN price AS numeric(10,2)",
            "CREATE DOMAIN low_price AS price CHECK (VALUE < 100)",
            "CREATE DOMAIN label AS varchar(10)");

    static Sample sample(String type, String... literals) {
        return new Sample(type, List.of(literals));
    }

    static final List<Sample> SAMPLES = List.of(
            sample("bool", "true", "false"),
            sample("int2", "-32768", "32767", "0"),
            sample("int4", "-2147483648", "2147483647", "7"),
            sample("int8", "-9223372036854775808", "9223372036854775807", "-1"),
            sample("oid", "4000000000", "0"),
            sample("float4", "1.1", "NaN", "Infinity", "-Infinity", "-0", "1e-45", "3.4028235e38"),
            sample("float8", "0.1", "NaN", "Infinity", "-Infinity", "-0", "5e-324", "1.7976931348623157e308"),
            sample("numeric(10,2)", "0", "1.1", "-99999999.99", "12345678.9", "NaN", "0.01", "100"),
            sample("numeric(18,2)", "1234567890123456.78", "-0.5"),
            sample("numeric(38,10)", "1234567890123456789012345678.0123456789", "-1", "0.0000000001"),
            sample("numeric(5,0)", "12345", "-1", "10000"),
            sample(
                    "numeric",
                    "0",
                    "10",
                    "10.1111",
                    "1.50",
                    "-0.000001",
                    "1e30",
                    "12345678901234567890.123",
                    "NaN",
                    "10000",
                    "1e-20",
                    "123400000000",
                    "0.00010000",
                    "-1234567890123456780"),
            sample("money", "1234.11", "-1234.11", "0"),
            sample("varchar(20)", "häß", ""),
            sample("text", "null", "NULL", "a,b\"c\\d"),
            sample("char(6)", "cone"),
            sample("name", "nom"),
            sample("\"char\"", "x", ""),
            sample("citext", "MiXed"),
            sample("bytea", "\\x00ff10", "\\x"),
            sample(
                    "date",
                    "2024-02-29",
                    "1970-01-01",
                    "0001-01-01",
                    "0044-03-15 BC",
                    "4713-01-01 BC",
                    "infinity",
                    "-infinity",
                    "5874897-12-31",
                    "1999-12-31"),
            sample("time", "13:51:30.123789", "00:00:00", "24:00:00"),
            sample("time(3)", "13:51:30.123"),
            sample("timetz", "13:51:30.123789+02", "24:00:00-15:59", "00:00:00+05:30", "01:02:03+00:19:32"),
            sample(
                    "timestamp",
                    "2016-11-04 13:51:30.123456",
                    "1969-12-31 23:59:59.999999",
                    "4713-12-31 23:59:59 BC",
                    "infinity",
                    "-infinity",
                    "294276-12-31 23:59:59.999999",
                    "0001-01-01 00:00:00"),
            sample("timestamp(0)", "2016-11-04 13:51:30"),
            sample(
                    "timestamptz",
                    "2016-11-04 13:51:30.123456+02",
                    "infinity",
                    "-infinity",
                    "21016-11-04 06:51:30+00",
                    "0044-03-15 12:00:00+00 BC"),
            sample(
                    "interval",
                    "1 year 2 mons 3 days 04:05:06.78",
                    "-1 year -2 mons +3 days -04:05:06.000001",
                    "0",
                    "400:00:00",
                    "-1 day",
                    "1 mon",
                    "-178000000 years",
                    "-00:00:00.5",
                    "1 day -00:00:01"),
            sample("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
            sample("json", "{\"b\" : [1, 2]}", "null"),
            sample("jsonb", "{\"b\": [1, 2], \"a\": \"ü\"}", "1"),
            sample("xml", "<a>ä</a>"),
            sample("bit(1)", "1", "0"),
            sample("bit(7)", "1000000", "0000000"),
            sample("bit(24)", "000000110000001000000001"),
            sample("varbit(13)", "1011", "0000000000001", ""),
            sample("varbit", "101010101010101010101"),
            sample(
                    "inet",
                    "192.168.2.0/12",
                    "192.168.1.1",
                    "::1",
                    "::ffff:1.2.3.4",
                    "2001:db8::8:800:200c:417a/64",
                    "::",
                    "1:0:0:2:0:0:0:3",
                    "fe80::",
                    "::1.2.3.4",
                    "10.0.0.0/0",
                    "1:2:3:4:5:6:0:8"),
            sample("cidr", "192.168.100.128/25", "10.1.2.3/32", "2001:4f8:3:ba::/64", "::/0"),
            sample("macaddr", "08:00:2b:01:02:03"),
            sample("macaddr8", "08:00:2b:01:02:03:04:05"),
            sample("mood", "sad", "hap\"py"),
            sample("price", "3.5"),
            sample("low_price", "-3.25"),
            sample("label", "dom"),
            sample("int4[]", "{1,NULL,-3}", "{}", "[0:1]={7,8}"),
            sample("text[]", "{a,\"b c\",NULL,\"NULL\",\"q\\\"uo\\\\te\",\"\",\"{x,y}\"}"),
            sample("numeric(6,2)[]", "{1.5,NULL,-1000.25}"),
            sample("numeric[]", "{1.50,1e25}"),
            sample("timestamptz(3)[]", "{\"2016-11-04 13:51:30.123+02\",infinity}"),
            sample("date[]", "{2024-02-29,\"0044-03-15 BC\"}"),
            sample("uuid[]", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"),
            sample("bytea[]", "{\"\\\\\\\\x00ff\"}"),
            sample("bool[]", "{t,f}"),
            sample("mood[]", "{sad,\"hap\\\"py\"}"),
            sample("inet[]", "{10.0.0.1,10.0.0.0/8}"),
            sample("jsonb[]", "{\"{\\\"a\\\": 1}\"}"),
            sample("varbit(9)[]", "{101,000000001}"),
            sample("interval[]", "{\"1 day 00:00:01\"}"),
            sample("timetz[]", "{13:51:30+02}"));

    static String createTable(String name) {
        StringBuilder sql = new StringBuilder("CREATE TABLE " + name + " (id int PRIMARY KEY");
        for (int i = 0; i < SAMPLES.size(); i++) {
            sql.append(", c").append(i).append(' ').append(SAMPLES.get(i).type());
        }
        return sql.append(')').toString();
    }

    static int rows() {
        return SAMPLES.stream()
                        .mapToInt(sample -> sample.literals().size())
                        .max()
                        .orElseThrow()
                + 1;
    }

    /** The row of the literals number {@code row}; columns that have no so many are null. */
    static String insert(String table, int row) {
        StringBuilder sql = new StringBuilder("INSERT INTO " + table + " VALUES (" + row);
        for (Sample sample : SAMPLES) {
            if (row < sample.literals().size()) {
                sql.append(", '")
                        .append(sample.literals().get(row).replace("'", "''"))
                        .append("'");
            } else {
                sql.append(", NULL");
            }
        }
        return sql.append(')').toString();
    }
}
