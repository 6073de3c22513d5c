package io.cdcsystem.job.e2e;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A pipeline file whose values a test changes from start to start. One thread. */
final class PipelineYaml {
    private final String name;
    private final Map<String, Map<String, String>> sections = new LinkedHashMap<>();

    /** The pipeline of that name: exactly once, in small chunks, with a checkpoint every 200 ms. */
    PipelineYaml(String name) {
        this.name = name;
        set("source", "type", "postgres");
        set("source", "slot.name", name);
        set("source", "publication.name", name);
        set("sink", "topic.prefix", name);
        set("sink", "delivery-guarantee", "exactly-once");
        set("pipeline", "parallelism", "2");
        set("pipeline", "checkpoint-interval", "200ms");
        set("snapshot", "chunk-size", "20");
    }

    /** Gives a key another value. */
    void set(String section, String key, String value) {
        sections.computeIfAbsent(section, s -> new LinkedHashMap<>()).put(key, value);
    }

    /** The file, for these tables of schema {@code public}. */
    String text(List<String> tables) {
        List<String> patterns =
                tables.stream().map(table -> "'public\\." + table + "'").toList();
        set("source", "tables", "[" + String.join(", ", patterns) + "]");
        StringBuilder text = new StringBuilder("name: " + name + "\n");
        sections.forEach((section, values) -> {
            text.append(section).append(":\n");
            values.forEach((key, value) ->
                    text.append("  ").append(key).append(": ").append(value).append('\n'));
        });
        return text.toString();
    }
}
