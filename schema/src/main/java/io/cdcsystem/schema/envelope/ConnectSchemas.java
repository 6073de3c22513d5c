package io.cdcsystem.schema.envelope;

import io.cdcsystem.schema.table.TableSchema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The {@code schema} documents that Connect's JsonConverter puts beside a payload with {@code schemas.enable=true}. */
public final class ConnectSchemas {
    private ConnectSchemas() {}

    /** The key's schema document; the table must have a primary key. */
    public static String key(EnvelopeConfig config, TableSchema table) {
        return render(EnvelopeSchemas.key(config, table));
    }

    /** The value's schema document. */
    public static String value(EnvelopeConfig config, TableSchema table) {
        return render(EnvelopeSchemas.value(config, table));
    }

    private static String render(SchemaNode node) {
        StringBuilder out = new StringBuilder();
        render(node, null, out);
        return out.toString();
    }

    private static void render(SchemaNode node, @Nullable String field, StringBuilder out) {
        out.append("{\"type\":\"").append(node.type().connect()).append('"');
        if (node.type() == SchemaNode.ConnectType.STRUCT) {
            String separator = ",\"fields\":[";
            for (SchemaNode.Member each : node.fields()) {
                out.append(separator);
                render(each.schema(), each.name(), out);
                separator = ",";
            }
            out.append(node.fields().isEmpty() ? ",\"fields\":[]" : "]");
        }
        SchemaNode items = node.items();
        if (items != null) {
            out.append(",\"items\":");
            render(items, null, out);
        }
        out.append(",\"optional\":").append(node.optional());
        if (node.name() != null) {
            out.append(",\"name\":").append(JsonText.quote(node.name()));
        }
        if (node.version() != null) {
            out.append(",\"version\":").append(node.version());
        }
        if (node.doc() != null) {
            out.append(",\"doc\":").append(JsonText.quote(node.doc()));
        }
        if (!node.parameters().isEmpty()) {
            out.append(",\"parameters\":");
            parameters(node.parameters(), out);
        }
        SchemaNode.Default defaultValue = node.defaultValue();
        if (defaultValue != null) {
            out.append(",\"default\":").append(defaultValue.connect());
        }
        if (field != null) {
            out.append(",\"field\":").append(JsonText.quote(field));
        }
        out.append('}');
    }

    /** Parameters as a JSON object, in their order. */
    static void parameters(Map<String, String> parameters, StringBuilder out) {
        String separator = "{";
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            out.append(separator)
                    .append(JsonText.quote(parameter.getKey()))
                    .append(':')
                    .append(JsonText.quote(parameter.getValue()));
            separator = ",";
        }
        out.append('}');
    }
}
