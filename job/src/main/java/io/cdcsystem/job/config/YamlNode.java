package io.cdcsystem.job.config;

import java.util.List;
import java.util.Map;

/** A parsed YAML value that remembers its line; scalars keep the text as it was written. */
sealed interface YamlNode {

    /** The line in the file, counted from 1. */
    int line();

    /** How to name this kind of value to a person. */
    String kind();

    /** Text, a number or a boolean. */
    record Scalar(String text, int line) implements YamlNode {
        @Override
        public String kind() {
            return "a single value";
        }
    }

    /** A key without value, or an explicit null. */
    record Empty(int line) implements YamlNode {
        @Override
        public String kind() {
            return "nothing";
        }
    }

    /** A list. */
    record Sequence(List<YamlNode> items, int line) implements YamlNode {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Keys with values, in the order of the file. */
    record Mapping(Map<String, YamlNode> entries, Map<String, Integer> keyLines, int line) implements YamlNode {
        @Override
        public String kind() {
            return "a section";
        }
    }
}
