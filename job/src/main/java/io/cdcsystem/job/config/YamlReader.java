package io.cdcsystem.job.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns YAML text into {@link YamlNode}s; syntax errors, duplicate keys and aliases become problems. */
final class YamlReader {
    private static final YAMLFactory FACTORY = new YAMLFactory();

    private final ConfigProblems problems;

    YamlReader(ConfigProblems problems) {
        this.problems = problems;
    }

    /** The document's top-level mapping; null where there is none to look at, which is reported. */
    YamlNode.@Nullable Mapping read(String text) {
        try (YAMLParser parser = FACTORY.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                problems.add("", 0, "is empty; it needs at least name, source and sink");
                return null;
            }
            YamlNode root = node(parser, first, "");
            if (parser.nextToken() != null) {
                problems.add("", line(parser), "holds more than one YAML document; one file describes one pipeline");
            }
            if (root instanceof YamlNode.Mapping mapping) {
                return mapping;
            }
            problems.add("", root.line(), "must be a section of keys at its top, not " + root.kind());
            return null;
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            // The parser's own message quotes the source around the error, which may be a secret: first line only.
            String summary = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
            problems.add("", line, "is not valid YAML: " + summary);
            return null;
        } catch (IOException e) {
            problems.add("", 0, "cannot be read: " + e.getMessage());
            return null;
        }
    }

    private YamlNode node(YAMLParser parser, JsonToken token, String path) throws IOException {
        int line = line(parser);
        if (parser.isCurrentAlias()) {
            problems.add(path, line, "uses a YAML alias (*name); write the value out");
            return new YamlNode.Empty(line);
        }
        return switch (token) {
            case START_OBJECT -> mapping(parser, path, line);
            case START_ARRAY -> sequence(parser, path, line);
            case VALUE_NULL -> new YamlNode.Empty(line);
            default -> new YamlNode.Scalar(parser.getText(), line);
        };
    }

    private YamlNode mapping(YAMLParser parser, String path, int line) throws IOException {
        Map<String, YamlNode> entries = new LinkedHashMap<>();
        Map<String, Integer> keyLines = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            int keyLine = line(parser);
            String keyPath = path.isEmpty() ? key : path + "." + key;
            YamlNode value = node(parser, parser.nextToken(), keyPath);
            if (entries.putIfAbsent(key, value) != null) {
                problems.add(keyPath, keyLine, "is given twice; first in line " + keyLines.get(key));
            } else {
                keyLines.put(key, keyLine);
            }
        }
        return new YamlNode.Mapping(entries, keyLines, line);
    }

    private YamlNode sequence(YAMLParser parser, String path, int line) throws IOException {
        List<YamlNode> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            items.add(node(parser, token, path + "[" + items.size() + "]"));
        }
        return new YamlNode.Sequence(items, line);
    }

    private static int line(YAMLParser parser) {
        return parser.currentTokenLocation().getLineNr();
    }
}
