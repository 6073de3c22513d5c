package io.cdcsystem.source.signal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A whole signal as one JSON document, {@code {"id","type","data":{…}}}: the form outside of a signal table. Stateless. */
public final class SignalEnvelope {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private SignalEnvelope() {}

    /**
     * Reads one. What is no such document becomes a signal without type whose data are the text: {@link SignalParser} says
     * what is wrong with it.
     *
     * @param otherId the id of a signal that names none
     */
    public static Signal read(String text, String otherId) {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return new Signal(otherId, "", text);
        }
        if (!root.isObject() || !root.path("type").isTextual()) {
            return new Signal(otherId, "", text);
        }
        JsonNode id = root.path("id");
        JsonNode data = root.path("data");
        return new Signal(
                id.isValueNode() && !id.isNull() ? id.asText() : otherId,
                root.path("type").textValue(),
                data.isMissingNode() || data.isNull() ? "" : data.isTextual() ? data.textValue() : data.toString());
    }

    /** Writes one whose data are empty or a JSON document. */
    public static String write(Signal signal) {
        ObjectNode root = JSON.createObjectNode().put("id", signal.id()).put("type", signal.type());
        try {
            root.set("data", signal.data().isBlank() ? JSON.createObjectNode() : JSON.readTree(signal.data()));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON: " + signal.data(), e);
        }
        return root.toString();
    }
}
