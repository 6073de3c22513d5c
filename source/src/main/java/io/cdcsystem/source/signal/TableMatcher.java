package io.cdcsystem.source.signal;

import io.cdcsystem.schema.table.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The tables that a signal means, as Debezium's {@code data-collections} do: regular expressions that match a table's full
 * name, {@code schema.table} or {@code database.schema.table}, as a whole. What stands in double quotes is meant literally
 * ({@code public."My.Table"}), and a text that is a table's full name always means that table. Immutable.
 */
public final class TableMatcher {
    private static final TableMatcher ALL = new TableMatcher(List.of(), List.of());

    private final List<String> texts;
    private final List<Pattern> patterns;

    private TableMatcher(List<String> texts, List<Pattern> patterns) {
        this.texts = List.copyOf(texts);
        this.patterns = List.copyOf(patterns);
    }

    /** Every table. */
    public static TableMatcher all() {
        return ALL;
    }

    /** What any of these texts means; at least one. */
    public static TableMatcher of(List<String> texts) throws SignalException {
        if (texts.isEmpty()) {
            throw new SignalException("no tables are named");
        }
        List<Pattern> patterns = new ArrayList<>();
        for (String text : texts) {
            patterns.add(compile(text));
        }
        return new TableMatcher(texts, patterns);
    }

    /** Whether it means that table. */
    public boolean matches(TableId id) {
        if (isAll()) {
            return true;
        }
        String name = id.toString();
        String qualified = id.schema().isEmpty() ? name : id.database() + "." + name;
        for (int i = 0; i < patterns.size(); i++) {
            String text = texts.get(i);
            Pattern pattern = patterns.get(i);
            if (text.equals(name)
                    || text.equals(qualified)
                    || pattern.matcher(name).matches()
                    || pattern.matcher(qualified).matches()) {
                return true;
            }
        }
        return false;
    }

    /** Whether it means every table. */
    public boolean isAll() {
        return texts.isEmpty();
    }

    /** The texts it was made of; empty for every table. */
    public List<String> texts() {
        return texts;
    }

    private static Pattern compile(String text) throws SignalException {
        StringBuilder expression = new StringBuilder();
        String[] parts = text.split("\"", -1);
        if (text.isBlank() || parts.length % 2 == 0) {
            throw new SignalException("'" + text + "' names no table; write schema.table, for example public.orders");
        }
        for (int i = 0; i < parts.length; i++) {
            expression.append(i % 2 == 0 ? parts[i] : Pattern.quote(parts[i]));
        }
        try {
            return Pattern.compile(expression.toString());
        } catch (PatternSyntaxException e) {
            throw new SignalException("'" + text + "' is no regular expression: " + e.getDescription(), e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TableMatcher matcher && texts.equals(matcher.texts);
    }

    @Override
    public int hashCode() {
        return texts.hashCode();
    }

    /** As people wrote it. */
    @Override
    public String toString() {
        return isAll() ? "all tables" : String.join(", ", texts);
    }
}
