package io.cdcsystem.schema.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/** Makes one text of a schema and the schemas it refers to. One at a time. */
final class SchemaReferences {
    private final Function<Reference, Node> registry;
    private final Set<Reference> met = new HashSet<>();
    private final Schema.Parser parser = new Schema.Parser();

    /** A named type that another version of another subject defines. */
    record Reference(String name, String subject, int version) {}

    /** A schema's text with its references. */
    record Node(String schema, List<Reference> references) {

        /** The schema in a registry's answer. */
        static Node of(HttpResponse<String> response, String what) {
            JsonNode answer = RegistryTransport.answer(response, what);
            JsonNode type = answer.path("schemaType");
            if (type.isTextual() && !"AVRO".equals(type.textValue())) {
                throw new CdcException(
                        ErrorCode.SCHEMA_REJECTED,
                        "the " + what + " is of type " + type.textValue()
                                + " and not AVRO: read this topic with its own format");
            }
            JsonNode schema = answer.path("schema");
            if (!schema.isTextual()) {
                throw RegistryTransport.notARegistry(response, what);
            }
            List<Reference> references = new ArrayList<>();
            answer.path("references")
                    .forEach(reference -> references.add(new Reference(
                            reference.path("name").asText(),
                            reference.path("subject").asText(),
                            reference.path("version").asInt())));
            return new Node(schema.textValue(), references);
        }
    }

    SchemaReferences(Function<Reference, Node> registry) {
        this.registry = registry;
    }

    /** The complete text; without references it is the registry's own, to the letter. */
    String resolve(Node root, String what) {
        if (root.references().isEmpty()) {
            return root.schema();
        }
        define(root, what);
        return parsed(root, what).toString();
    }

    private void define(Node node, String what) {
        for (Reference reference : node.references()) {
            // Met again: defined by another path, or on this one, where a cycle leaves the name undefined for the
            // parser.
            if (met.add(reference)) {
                Node referred = registry.apply(reference);
                define(referred, what);
                parsed(referred, what);
            }
        }
    }

    private Schema parsed(Node node, String what) {
        try {
            return parser.parse(node.schema());
        } catch (AvroRuntimeException e) {
            throw new CdcException(
                    ErrorCode.SCHEMA_REJECTED,
                    "the " + what + " cannot be put together from its references " + node.references() + ": "
                            + e.getMessage() + "; see whether the registry still has them all",
                    e);
        }
    }
}
