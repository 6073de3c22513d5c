package io.cdcsystem.source.postgres.catalog;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A configured {@code schema.table}, whose parts are regular expressions that match in full.
 *
 * @param text as it was configured
 * @param schema matches the schema's name
 * @param table matches the table's name
 */
public record TablePattern(String text, Pattern schema, Pattern table) {

    /** Reads one; an error names what is wrong with it. */
    public static TablePattern parse(String text) {
        int dot = separator(text);
        if (dot <= 0 || dot == text.length() - 1) {
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID,
                    "the table pattern '" + text
                            + "' is not of the form schema.table; write for example public.orders");
        }
        boolean escaped = text.charAt(dot - 1) == '\\';
        String rest = text.substring(dot + 1);
        try {
            return new TablePattern(
                    text,
                    Pattern.compile(text.substring(0, escaped ? dot - 1 : dot)),
                    // "public.*" is how people say "all of public".
                    Pattern.compile(rest.equals("*") ? ".*" : rest));
        } catch (PatternSyntaxException e) {
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID,
                    "the table pattern '" + text + "' is no regular expression: " + e.getDescription()
                            + "; each of schema and table is one",
                    e);
        }
    }

    /** Whether it means that table. */
    public boolean matches(TableId id) {
        return schema.matcher(id.schema()).matches() && table.matcher(id.name()).matches();
    }

    /** The existing tables whose names are most like this pattern, for a message. */
    public List<TableId> nearest(Collection<TableId> tables, int max) {
        String wanted = text.replace("\\", "").toLowerCase(java.util.Locale.ROOT);
        int far = Math.max(3, wanted.length() / 2);
        return tables.stream()
                .filter(id -> distance(wanted, lower(id)) <= far)
                .sorted(Comparator.comparingInt((TableId id) -> distance(wanted, lower(id)))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(max)
                .toList();
    }

    private static String lower(TableId id) {
        return id.toString().toLowerCase(java.util.Locale.ROOT);
    }

    /** The dot between the parts: the first that is neither escaped nor a wildcard with a quantifier, else the first. */
    private static int separator(String text) {
        int fallback = -1;
        boolean inClass = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
                if (fallback < 0 && !inClass && i < text.length() && text.charAt(i) == '.') {
                    fallback = i;
                }
            } else if (c == '[') {
                inClass = true;
            } else if (c == ']') {
                inClass = false;
            } else if (c == '.' && !inClass) {
                boolean quantified = i + 1 < text.length() && "*+?{".indexOf(text.charAt(i + 1)) >= 0;
                if (!quantified) {
                    return i;
                }
                fallback = fallback < 0 ? i : fallback;
            }
        }
        return fallback;
    }

    /** Levenshtein's distance. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replace, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
