package io.cdcsystem.schema.envelope;

import io.cdcsystem.schema.table.TableId;

/** Topic names as Debezium's default strategies make them. */
public final class TopicNames {
    /** The longest name that Kafka allows. */
    public static final int MAX_LENGTH = 249;

    private TopicNames() {}

    /** Where changes of definitions are told. */
    public static String schemaChanges(String prefix) {
        return prefix + ".schema-changes";
    }

    /** Where people's decisions on them are kept. */
    public static String schemaDecisions(String prefix) {
        return prefix + ".schema-decisions";
    }

    /** Where events go that their table's topic does not get. */
    public static String deadLetters(String prefix) {
        return prefix + ".dead-letter";
    }

    /** {@code prefix.namespace.table}, with {@code _} for what a topic's name may not hold, cut at Kafka's limit. */
    public static String forTable(String prefix, TableId id) {
        String name = prefix + "." + id.namespace() + "." + id.name();
        StringBuilder sanitised = new StringBuilder(name.length());
        for (int i = 0; i < Math.min(name.length(), MAX_LENGTH); i++) {
            char c = name.charAt(i);
            sanitised.append(isAllowed(c) ? c : '_');
        }
        return sanitised.toString();
    }

    private static boolean isAllowed(char c) {
        boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    }
}
