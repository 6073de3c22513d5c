package io.cdcsystem.source.signal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.cdcsystem.source.signal.SnapshotCommand.AddTables;
import io.cdcsystem.source.signal.SnapshotCommand.Condition;
import io.cdcsystem.source.signal.SnapshotCommand.ExecuteSnapshot;
import io.cdcsystem.source.signal.SnapshotCommand.LogMessage;
import io.cdcsystem.source.signal.SnapshotCommand.PauseSnapshot;
import io.cdcsystem.source.signal.SnapshotCommand.RemoveTables;
import io.cdcsystem.source.signal.SnapshotCommand.ResumeSnapshot;
import io.cdcsystem.source.signal.SnapshotCommand.StopSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Reads signals: Debezium's, and {@code add-tables} and {@code remove-tables}. Stateless. */
public final class SignalParser {
    /** {@link ExecuteSnapshot}. */
    public static final String EXECUTE_SNAPSHOT = "execute-snapshot";
    /** {@link StopSnapshot}. */
    public static final String STOP_SNAPSHOT = "stop-snapshot";
    /** {@link PauseSnapshot}. */
    public static final String PAUSE_SNAPSHOT = "pause-snapshot";
    /** {@link ResumeSnapshot}. */
    public static final String RESUME_SNAPSHOT = "resume-snapshot";
    /** {@link AddTables}. */
    public static final String ADD_TABLES = "add-tables";
    /** {@link RemoveTables}. */
    public static final String REMOVE_TABLES = "remove-tables";
    /** {@link LogMessage}. */
    public static final String LOG = "log";
    /** The key in a signal's data that names tables. */
    public static final String DATA_COLLECTIONS = "data-collections";
    /** The key in a signal's data that holds conditions. */
    public static final String ADDITIONAL_CONDITIONS = "additional-conditions";
    /** The key in a condition that names its tables. */
    public static final String DATA_COLLECTION = "data-collection";
    /** The key in a condition that holds it. */
    public static final String FILTER = "filter";

    private static final String KNOWN = String.join(
            ", ", EXECUTE_SNAPSHOT, STOP_SNAPSHOT, PAUSE_SNAPSHOT, RESUME_SNAPSHOT, ADD_TABLES, REMOVE_TABLES, LOG);
    private static final Pattern SELECT = Pattern.compile("(?is)\\s*SELECT\\s.*");
    private static final int SHOWN_MAX = 200;
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private SignalParser() {}

    /** What the signal asks for. */
    public static SnapshotCommand parse(Signal signal) throws SignalException {
        String type = signal.type().strip().toLowerCase(Locale.ROOT);
        return switch (type) {
            case EXECUTE_SNAPSHOT -> execute(data(signal));
            case STOP_SNAPSHOT -> stop(data(signal));
            case PAUSE_SNAPSHOT -> new PauseSnapshot();
            case RESUME_SNAPSHOT -> new ResumeSnapshot();
            case ADD_TABLES -> new AddTables(tables(data(signal)));
            case REMOVE_TABLES -> new RemoveTables(tables(data(signal)));
            case LOG -> log(data(signal));
            case "" ->
                throw new SignalException(
                        "it has no type; a signal is {\"id\": …, \"type\": …, \"data\": {…}}, or a row (id, type, data), not "
                                + shown(signal.data()));
            default -> throw new SignalException("type '" + shown(signal.type()) + "' is not one of " + KNOWN);
        };
    }

    private static ExecuteSnapshot execute(JsonNode data) throws SignalException {
        String type = text(data, "type", "incremental").strip().toLowerCase(Locale.ROOT);
        if (!type.equals("incremental") && !type.equals("blocking")) {
            throw new SignalException("a snapshot of type '" + shown(type) + "' is neither incremental nor blocking");
        }
        TableMatcher tables = tables(data);
        List<Condition> conditions = new ArrayList<>();
        for (JsonNode condition : array(data, ADDITIONAL_CONDITIONS)) {
            TableMatcher restricted = TableMatcher.of(List.of(text(condition, DATA_COLLECTION, "")));
            String filter = text(condition, FILTER, "");
            if (!filter.isBlank()) {
                conditions.add(new Condition(restricted, condition(filter)));
            }
        }
        String forAll = text(data, "additional-condition", "");
        if (!forAll.isBlank()) {
            conditions.add(new Condition(TableMatcher.all(), condition(forAll)));
        }
        List<String> remarks = new ArrayList<>();
        if (!text(data, "surrogate-key", "").isBlank()) {
            remarks.add("surrogate-key is ignored: a table is read in the order of its primary key");
        }
        return new ExecuteSnapshot(tables, conditions, remarks);
    }

    private static String condition(String filter) throws SignalException {
        if (SELECT.matcher(filter).matches()) {
            throw new SignalException(
                    "the filter '" + shown(filter) + "' is a whole query; write only what stands behind its WHERE");
        }
        return filter;
    }

    private static StopSnapshot stop(JsonNode data) throws SignalException {
        return new StopSnapshot(array(data, DATA_COLLECTIONS).isEmpty() ? TableMatcher.all() : tables(data));
    }

    private static LogMessage log(JsonNode data) throws SignalException {
        String message = text(data, "message", "");
        if (message.isEmpty()) {
            throw new SignalException("its data name no message; write {\"message\": \"…\"}");
        }
        return new LogMessage(message);
    }

    private static TableMatcher tables(JsonNode data) throws SignalException {
        List<String> texts = new ArrayList<>();
        for (JsonNode table : array(data, DATA_COLLECTIONS)) {
            if (!table.isTextual()) {
                throw new SignalException(
                        DATA_COLLECTIONS + " holds " + shown(table.toString()) + ", which is no text");
            }
            texts.add(table.textValue().strip());
        }
        if (texts.isEmpty()) {
            throw new SignalException(
                    "its data name no tables; write {\"" + DATA_COLLECTIONS + "\": [\"public.orders\"]}");
        }
        return TableMatcher.of(texts);
    }

    /** The elements of an array; none where there is no such key. */
    private static List<JsonNode> array(JsonNode data, String key) throws SignalException {
        JsonNode value = data.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return List.of();
        }
        if (!value.isArray()) {
            throw new SignalException(key + " must be an array, not " + shown(value.toString()));
        }
        List<JsonNode> elements = new ArrayList<>();
        value.forEach(elements::add);
        return elements;
    }

    private static String text(JsonNode node, String key, String otherwise) throws SignalException {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isTextual()) {
            throw new SignalException(key + " must be text, not " + shown(value.toString()));
        }
        return value.textValue();
    }

    private static JsonNode data(Signal signal) throws SignalException {
        if (signal.data().isBlank()) {
            return MissingNode.getInstance();
        }
        try {
            JsonNode data = JSON.readTree(signal.data());
            if (data.isObject()) {
                return data;
            }
        } catch (JsonProcessingException e) {
            throw new SignalException(
                    "its data are no JSON (" + e.getOriginalMessage() + "): " + shown(signal.data()), e);
        }
        throw new SignalException("its data are no JSON object: " + shown(signal.data()));
    }

    private static String shown(String text) {
        return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + " …";
    }
}
