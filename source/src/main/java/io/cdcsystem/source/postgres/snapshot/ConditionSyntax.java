package io.cdcsystem.source.postgres.snapshot;

import org.jspecify.annotations.Nullable;

/**
 * Tells whether a condition stays within the parentheses that are put around it. What it means is for the server to judge.
 * Stateless.
 */
final class ConditionSyntax {
    private final String text;
    private int at;
    private int depth;

    private ConditionSyntax(String text) {
        this.text = text;
    }

    /** What is wrong with it; null where nothing is. */
    static @Nullable String flaw(String condition) {
        return condition.isBlank() ? "it is empty" : new ConditionSyntax(condition).scan();
    }

    private @Nullable String scan() {
        while (at < text.length()) {
            char c = text.charAt(at);
            String flaw =
                    switch (c) {
                        case '(' -> opened();
                        case ')' -> --depth < 0 ? "a ')' closes nothing" : null;
                        case ';' -> "it holds a ';'";
                        case '\0' -> "it holds a zero character";
                        case '-', '/' -> comment(c);
                        case '\'' -> quoted(c, isEscapeString());
                        case '"' -> quoted(c, false);
                        case '$' -> dollarQuoted();
                        default -> null;
                    };
            if (flaw != null) {
                return flaw;
            }
            at++;
        }
        return depth == 0 ? null : "a '(' is not closed";
    }

    private @Nullable String opened() {
        depth++;
        return null;
    }

    private @Nullable String comment(char c) {
        char next = at + 1 < text.length() ? text.charAt(at + 1) : ' ';
        return (c == '-' && next == '-') || (c == '/' && next == '*') ? "it holds a comment" : null;
    }

    /** Goes to the closing quote; a doubled one reads as two strings side by side, which ends at the same place. */
    private @Nullable String quoted(char quote, boolean backslashEscapes) {
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '\\' && backslashEscapes) {
                at++;
            } else if (c == quote) {
                if (at + 1 >= text.length() || text.charAt(at + 1) != quote) {
                    return null;
                }
                at++;
            }
        }
        return "a " + quote + " is not closed";
    }

    private boolean isEscapeString() {
        return at > 0
                && (text.charAt(at - 1) == 'E' || text.charAt(at - 1) == 'e')
                && (at < 2 || !isIdentifierPart(text.charAt(at - 2)));
    }

    private @Nullable String dollarQuoted() {
        if (at > 0 && isIdentifierPart(text.charAt(at - 1))) {
            return null;
        }
        int end = at + 1;
        while (end < text.length() && isIdentifierPart(text.charAt(end)) && text.charAt(end) != '$') {
            end++;
        }
        if (end >= text.length() || text.charAt(end) != '$') {
            return null;
        }
        String tag = text.substring(at, end + 1);
        int close = text.indexOf(tag, end + 1);
        if (close < 0) {
            return tag + " is not closed";
        }
        at = close + tag.length() - 1;
        return null;
    }

    private static boolean isIdentifierPart(char c) {
        return c == '_' || c == '$' || Character.isLetterOrDigit(c) || c >= 128;
    }
}
