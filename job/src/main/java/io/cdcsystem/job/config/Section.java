package io.cdcsystem.job.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Typed access to one section of the file. Every read declares its key, so that {@link #finish()} can report what
 * nobody asked for, and so that the list of keys never differs from what is read.
 *
 * <p>A value that cannot be read is reported and replaced by its default (or a stand-in), so that reading goes on and finds
 * the next problem; the loader throws before any of it is used.
 */
final class Section {
    private final String path;
    private final YamlNode.@Nullable Mapping node;
    private final ConfigProblems problems;
    private final Secrets secrets;
    private final List<ConfigKey> keys;
    private final Set<String> asked = new LinkedHashSet<>();
    private final List<Section> children = new ArrayList<>();

    Section(
            String path,
            YamlNode.@Nullable Mapping node,
            ConfigProblems problems,
            Secrets secrets,
            List<ConfigKey> keys) {
        this.path = path;
        this.node = node;
        this.problems = problems;
        this.secrets = secrets;
        this.keys = keys;
    }

    boolean isPresent() {
        return node != null;
    }

    /** The full path of a key of this section. */
    String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** Reports a problem at a key, or at the section where the key is absent from the file. */
    void problem(String key, String message) {
        int line = 0;
        if (node != null) {
            line = node.keyLines().getOrDefault(key, node.line());
        }
        problems.add(path(key), line, message);
    }

    Section section(String key, String meaning) {
        declare(key, meaning, "");
        YamlNode value = present(key);
        YamlNode.Mapping mapping = null;
        if (value instanceof YamlNode.Mapping found) {
            mapping = found;
        } else if (value != null) {
            problem(key, "must be a section of keys, not " + value.kind());
        }
        Section child = new Section(path(key), mapping, problems, secrets, keys);
        children.add(child);
        return child;
    }

    /**
     * A list of sections. Each is read by {@code reader}, and reports what nobody asked for like any other.
     *
     * @param reader reads one; called once more, for nothing, to learn the keys
     */
    <T> List<T> sections(String key, Function<Section, T> reader) {
        declare(key, "list of sections", "[]");
        T unused = reader.apply(new Section(path(key) + "[]", null, new ConfigProblems(), secrets, keys));
        YamlNode value = present(key);
        List<T> read = new ArrayList<>();
        if (value instanceof YamlNode.Sequence sequence) {
            for (YamlNode item : sequence.items()) {
                String itemPath = path(key) + "[" + read.size() + "]";
                YamlNode.Mapping mapping = null;
                if (item instanceof YamlNode.Mapping found) {
                    mapping = found;
                } else {
                    problems.add(itemPath, item.line(), "must be a section of keys, not " + item.kind());
                }
                Section child = new Section(
                        itemPath,
                        mapping,
                        mapping == null ? new ConfigProblems() : problems,
                        secrets,
                        new ArrayList<>());
                children.add(child);
                read.add(reader.apply(child));
            }
        } else if (value != null) {
            problem(key, "must be a list of sections, not " + value.kind());
        }
        return read;
    }

    String requiredText(String key) {
        String text = scalar(key, "text", ConfigKey.REQUIRED);
        if (text == null) {
            if (present(key) == null) {
                problem(key, "is required");
            }
            return "";
        }
        if (text.isBlank()) {
            problem(key, "must not be blank");
        }
        return text;
    }

    String text(String key, String defaultText, String documentedDefault) {
        String text = scalar(key, "text", documentedDefault);
        return text == null ? defaultText : text;
    }

    String text(String key, String defaultText) {
        return text(key, defaultText, defaultText);
    }

    @Nullable
    String optionalText(String key) {
        return scalar(key, "text", "none");
    }

    int integer(String key, int defaultValue, int min, int max) {
        return (int) number(key, Integer.toString(defaultValue), defaultValue, min, max);
    }

    private long number(String key, String documentedDefault, long defaultValue, long min, long max) {
        String text = scalar(key, "integer", documentedDefault);
        if (text == null) {
            return defaultValue;
        }
        try {
            long value = Long.parseLong(text.replace("_", ""));
            if (value >= min && value <= max) {
                return value;
            }
            problem(key, "must be from " + min + " to " + max + ", not " + value);
        } catch (NumberFormatException e) {
            problem(key, "must be an integer, not '" + raw(key) + "'");
        }
        return defaultValue;
    }

    boolean bool(String key, boolean defaultValue) {
        String text = scalar(key, "boolean", Boolean.toString(defaultValue));
        if (text == null) {
            return defaultValue;
        }
        String word = text.toLowerCase(Locale.ROOT);
        if (!word.equals("true") && !word.equals("false")) {
            problem(key, "must be true or false, not '" + raw(key) + "'");
            return defaultValue;
        }
        return word.equals("true");
    }

    Duration duration(String key, String defaultText) {
        String text = scalar(key, "duration", defaultText);
        Duration fallback = Durations.parse(defaultText);
        if (text == null) {
            return fallback;
        }
        try {
            return Durations.parse(text);
        } catch (IllegalArgumentException e) {
            problem(key, "must be a duration such as 500ms, 10s, 5m, 2h or 7d, not '" + raw(key) + "'");
            return fallback;
        }
    }

    /** An amount of bytes. */
    long size(String key, String defaultText) {
        String text = scalar(key, "size", defaultText);
        long fallback = Sizes.parse(defaultText);
        if (text == null) {
            return fallback;
        }
        try {
            return Sizes.parse(text);
        } catch (IllegalArgumentException e) {
            problem(key, "must be a size such as 512kb, 64mb or 1gb, not '" + raw(key) + "'");
            return fallback;
        }
    }

    /** One of a few words; the words are those of the file, in lower case. */
    <T> T choice(String key, Map<String, T> choices, @Nullable String defaultChoice) {
        return choice(key, choices, Map.of(), defaultChoice);
    }

    /**
     * The same, with words that other systems use: understood, but not offered. Separators may be either of {@code -} and
     * {@code _} in them.
     */
    <T> T choice(String key, Map<String, T> choices, Map<String, T> synonyms, @Nullable String defaultChoice) {
        String words = String.join(" | ", choices.keySet());
        String text = scalar(key, words, defaultChoice == null ? ConfigKey.REQUIRED : defaultChoice);
        T any = choices.values().iterator().next();
        if (text == null && defaultChoice == null) {
            if (present(key) == null) {
                problem(key, "is required; one of " + words);
            }
            return any;
        }
        T chosen = choices.get(text == null ? defaultChoice : text);
        if (chosen == null && text != null) {
            chosen = synonyms.get(text.replace('-', '_'));
        }
        if (chosen != null) {
            return chosen;
        }
        wrongChoice(key, choices.keySet());
        return any;
    }

    /** One of a few words, or a value from elsewhere where the key is left out. */
    <T> T choiceOr(String key, Map<String, T> choices, T fallback, String documentedDefault) {
        String text = scalar(key, String.join(" | ", choices.keySet()), documentedDefault);
        if (text == null) {
            return fallback;
        }
        T chosen = choices.get(text);
        if (chosen == null) {
            wrongChoice(key, choices.keySet());
        }
        return chosen == null ? fallback : chosen;
    }

    private void wrongChoice(String key, Set<String> words) {
        problem(
                key,
                "must be one of " + String.join(" | ", words) + ", not '" + raw(key) + "'"
                        + Suggestion.of(raw(key), words));
    }

    /** A list; a single value stands for a list of one, and commas separate as well. */
    List<String> texts(String key, String documentedDefault, List<String> defaultValue) {
        declare(key, "list of text", documentedDefault);
        YamlNode value = present(key);
        List<String> texts = new ArrayList<>();
        if (value instanceof YamlNode.Scalar scalar) {
            for (String part : resolve(key, scalar).split(",", -1)) {
                texts.add(part.strip());
            }
        } else if (value instanceof YamlNode.Sequence sequence) {
            for (YamlNode item : sequence.items()) {
                if (item instanceof YamlNode.Scalar scalar) {
                    texts.add(resolve(key, scalar));
                } else {
                    problem(key, "must be a list of text, but holds " + item.kind());
                }
            }
        } else if (value != null) {
            problem(key, "must be a list of text, not " + value.kind());
        } else {
            if (documentedDefault.equals(ConfigKey.REQUIRED)) {
                problem(key, "is required");
            }
            return defaultValue;
        }
        return List.copyOf(texts);
    }

    /** Free keys with text, handed on to a library. */
    Map<String, String> properties(String key) {
        declare(key, "properties", "{}");
        YamlNode value = present(key);
        Map<String, String> properties = new LinkedHashMap<>();
        if (value instanceof YamlNode.Mapping mapping) {
            mapping.entries().forEach((name, entry) -> {
                if (entry instanceof YamlNode.Scalar scalar) {
                    properties.put(name, resolve(key + "." + name, scalar));
                } else {
                    problems.add(path(key) + "." + name, entry.line(), "must be a single value, not " + entry.kind());
                }
            });
        } else if (value != null) {
            problem(key, "must be a section of properties, not " + value.kind());
        }
        return properties;
    }

    /** Reports every key of this section and those below that nothing asked for. */
    void finish() {
        if (node != null) {
            for (Map.Entry<String, Integer> key : node.keyLines().entrySet()) {
                if (!asked.contains(key.getKey())) {
                    problems.add(
                            path(key.getKey()),
                            key.getValue(),
                            "is not a known key" + Suggestion.of(key.getKey(), asked));
                }
            }
        }
        children.forEach(Section::finish);
    }

    private @Nullable String scalar(String key, String type, String documentedDefault) {
        declare(key, type, documentedDefault);
        YamlNode value = present(key);
        if (value == null) {
            return null;
        }
        if (value instanceof YamlNode.Scalar scalar) {
            return resolve(key, scalar);
        }
        problem(key, "must be a single value, not " + value.kind());
        return null;
    }

    private String resolve(String key, YamlNode.Scalar scalar) {
        return secrets.resolve(scalar.text(), path(key), scalar.line(), problems);
    }

    /** The value as written, references unresolved: the only form that may appear in a message. */
    private String raw(String key) {
        return present(key) instanceof YamlNode.Scalar scalar ? scalar.text() : "";
    }

    private @Nullable YamlNode present(String key) {
        YamlNode value = node == null ? null : node.entries().get(key);
        return value instanceof YamlNode.Empty ? null : value;
    }

    private void declare(String key, String type, String documentedDefault) {
        if (asked.add(key)) {
            keys.add(new ConfigKey(path(key), type, documentedDefault));
        }
    }
}
