package io.cdcsystem.source.postgres.ddl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.source.postgres.catalog.CatalogColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the event triggers' messages, whose text {@code install.sql} makes. Stateless. */
public final class DdlMessages {
    private static final ObjectMapper JSON = new ObjectMapper();

    private DdlMessages() {}

    /** Reads one; empty where it is none, since anybody may write a message under that prefix. */
    public static Optional<DdlMessage> read(String text) {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
        String schema = root.path("schema").asText();
        String name = root.path("name").asText();
        boolean dropped = root.path("dropped").asBoolean();
        List<DdlMessage.Attribute> columns = columns(root.path("columns"));
        if (!root.path("oid").isIntegralNumber()
                || schema.isEmpty()
                || name.isEmpty()
                || columns.stream().anyMatch(column -> column.column().name().isEmpty())) {
            return Optional.empty();
        }
        List<List<String>> keys = new ArrayList<>();
        root.path("keys").forEach(key -> keys.add(texts(key.path("columns"))));
        return Optional.of(new DdlMessage(
                root.path("tag").asText(),
                root.path("object_type").asText(),
                text(root.path("statement")),
                (int) root.path("oid").longValue(),
                schema,
                name,
                dropped,
                root.path("rewritten").asBoolean(),
                columns,
                keys,
                publications(root.path("publications"))));
    }

    private static List<DdlMessage.Attribute> columns(JsonNode array) {
        List<DdlMessage.Attribute> columns = new ArrayList<>();
        for (JsonNode node : array) {
            String generated = node.path("generated").asText();
            columns.add(new DdlMessage.Attribute(
                    node.path("attnum").intValue(),
                    new CatalogColumn(
                            node.path("name").asText(),
                            (int) node.path("type").longValue(),
                            node.path("typmod").asInt(-1),
                            node.path("not_null").asBoolean(),
                            text(node.path("default")),
                            !generated.isEmpty() || node.has("identity")),
                    generated,
                    texts(node.path("labels"))));
        }
        return columns;
    }

    private static List<DdlMessage.Published> publications(JsonNode array) {
        List<DdlMessage.Published> publications = new ArrayList<>();
        for (JsonNode node : array) {
            List<Integer> columns = new ArrayList<>();
            node.path("columns").forEach(number -> columns.add(number.intValue()));
            publications.add(new DdlMessage.Published(
                    node.path("name").asText(), columns, node.path("generated").asBoolean()));
        }
        return publications;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static @Nullable String text(JsonNode node) {
        return node.isTextual() ? node.textValue() : null;
    }
}
