package io.cdcsystem.job.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Reads many metrics of one thing with few requests. */
final class Metrics {
    /** Flink's server refuses a request line of more than 4096 characters. */
    private static final int QUERY_LENGTH_MAX = 3_000;

    private final FlinkRest cluster;

    Metrics(FlinkRest cluster) {
        this.cluster = cluster;
    }

    /** All metrics at a path whose name is wanted. The values are those of a gauge or counter, as text. */
    Map<String, String> values(String path, Predicate<String> wanted) throws IOException, InterruptedException {
        Map<String, String> values = new HashMap<>();
        for (String query : queries(names(path, wanted))) {
            for (JsonNode metric : cluster.get(path + "?get=" + query)) {
                values.put(metric.path("id").asText(), metric.path("value").asText());
            }
        }
        return values;
    }

    /** The same, of a vertex, over its subtasks. */
    Map<String, Aggregate> aggregates(String path, Predicate<String> wanted) throws IOException, InterruptedException {
        Map<String, Aggregate> values = new HashMap<>();
        for (String query : queries(names(path, wanted))) {
            for (JsonNode metric : cluster.get(path + "?agg=max,sum&get=" + query)) {
                values.put(
                        metric.path("id").asText(),
                        new Aggregate((long) metric.path("max").asDouble(), (long)
                                metric.path("sum").asDouble()));
            }
        }
        return values;
    }

    /** A metric over all subtasks. */
    record Aggregate(long max, long sum) {}

    private List<String> names(String path, Predicate<String> wanted) throws IOException, InterruptedException {
        List<String> names = new ArrayList<>();
        for (JsonNode metric : cluster.get(path)) {
            String name = metric.path("id").asText();
            if (wanted.test(name)) {
                names.add(name);
            }
        }
        return names;
    }

    private static List<String> queries(List<String> names) {
        List<String> queries = new ArrayList<>();
        StringBuilder query = new StringBuilder();
        for (String name : names) {
            String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8);
            if (query.length() + encoded.length() > QUERY_LENGTH_MAX && query.length() > 0) {
                queries.add(query.toString());
                query.setLength(0);
            }
            // A comma separates names: Flink has replaced those that a name held.
            query.append(query.isEmpty() ? "" : ",").append(encoded);
        }
        if (!query.isEmpty()) {
            queries.add(query.toString());
        }
        return queries;
    }
}
