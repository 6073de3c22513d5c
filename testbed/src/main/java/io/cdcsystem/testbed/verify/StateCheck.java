package io.cdcsystem.testbed.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.cdcsystem.testbed.verify.TopicHistory.KeyHistory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Compares a table row by row with the state that its topic's records fold into. */
public final class StateCheck {
    private StateCheck() {}

    /**
     * Rows that differ, are missing in the topic, or stand in the topic only.
     *
     * @param keyColumns the key's columns in order
     */
    public static long differences(
            Connection database, String table, List<String> keyColumns, TopicHistory topics, Findings findings)
            throws SQLException {
        Map<String, KeyHistory> published = topics.table(table);
        long alive = published.values().stream().filter(key -> key.row != null).count();
        long differences = 0;
        long matched = 0;
        boolean autoCommit = database.getAutoCommit();
        database.setAutoCommit(false);
        try (Statement statement = database.createStatement()) {
            statement.setFetchSize(10_000);
            try (ResultSet rows = statement.executeQuery("SELECT * FROM " + table)) {
                ResultSetMetaData columns = rows.getMetaData();
                while (rows.next()) {
                    StringJoiner key = new StringJoiner("/");
                    for (String column : keyColumns) {
                        key.add(rows.getString(column));
                    }
                    KeyHistory history = published.get(key.toString());
                    JsonNode row = history == null ? null : history.row;
                    matched += row == null ? 0 : 1;
                    String difference = row == null ? "missing in the topic" : difference(rows, columns, row);
                    if (difference != null) {
                        differences++;
                        findings.add(table + " " + key + ": " + difference);
                    }
                }
            }
        }
        database.setAutoCommit(autoCommit);
        if (alive > matched) {
            findings.add(table + ": " + (alive - matched) + " rows in the topic only");
        }
        return differences + (alive - matched);
    }

    private static @Nullable String difference(ResultSet rows, ResultSetMetaData columns, JsonNode published)
            throws SQLException {
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            String name = columns.getColumnName(i);
            JsonNode value = published.path(name);
            Object expected = rows.getObject(i) == null ? null : expected(rows, columns, i);
            Object actual = value.isNull() || value.isMissingNode() ? null : actual(value, columns, i);
            if (!Objects.equals(expected, actual)) {
                return name + " is " + expected + " in the table and " + actual + " in the topic";
            }
        }
        return null;
    }

    private static @Nullable Object expected(ResultSet rows, ResultSetMetaData columns, int i) throws SQLException {
        return switch (columns.getColumnTypeName(i)) {
            case "int2", "int4", "int8" -> rows.getLong(i);
            case "bool" -> rows.getBoolean(i);
            case "numeric" -> rows.getBigDecimal(i).stripTrailingZeros();
            case "date" -> rows.getObject(i, LocalDate.class).toEpochDay();
            case "timestamp" -> micros(rows.getObject(i, LocalDateTime.class).atOffset(ZoneOffset.UTC));
            case "timestamptz" -> rows.getObject(i, OffsetDateTime.class).toInstant();
            case "_text" -> List.of((Object[]) rows.getArray(i).getArray());
            default -> rows.getString(i);
        };
    }

    private static Object actual(JsonNode value, ResultSetMetaData columns, int i) throws SQLException {
        return switch (columns.getColumnTypeName(i)) {
            case "int2", "int4", "int8", "date", "timestamp" -> value.asLong();
            case "bool" -> value.asBoolean();
            case "numeric" -> decimal(value, columns.getScale(i)).stripTrailingZeros();
            case "timestamptz" -> OffsetDateTime.parse(value.asText()).toInstant();
            case "_text" -> texts(value);
            default -> value.asText();
        };
    }

    private static BigDecimal decimal(JsonNode value, int scale) {
        boolean ownScale = value.isObject();
        byte[] unscaled = Base64.getDecoder().decode((ownScale ? value.path("value") : value).asText());
        return new BigDecimal(
                new BigInteger(unscaled), ownScale ? value.path("scale").asInt() : scale);
    }

    private static List<Object> texts(JsonNode array) {
        List<Object> texts = new ArrayList<>();
        array.forEach(element -> texts.add(element.asText()));
        return texts;
    }

    private static long micros(OffsetDateTime time) {
        return time.toEpochSecond() * 1_000_000 + time.getNano() / 1000;
    }
}
