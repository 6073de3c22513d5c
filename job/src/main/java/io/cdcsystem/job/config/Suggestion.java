package io.cdcsystem.job.config;

import java.util.Collection;
import java.util.Locale;

/** The "did you mean" of an unknown word. */
final class Suggestion {
    private Suggestion() {}

    /** {@code "; did you mean x?"}, or the known words where none is near. */
    static String of(String word, Collection<String> known) {
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String candidate : known) {
            int distance = distance(normal(word), normal(candidate));
            if (distance < bestDistance) {
                bestDistance = distance;
                best = candidate;
            }
        }
        int tolerated = Math.max(2, word.length() / 3);
        if (best != null && bestDistance <= tolerated) {
            return "; did you mean " + best + "?";
        }
        return "; known here: " + String.join(", ", known);
    }

    /** Separators are what people mix up most: they never count as a difference. */
    private static String normal(String word) {
        return word.toLowerCase(Locale.ROOT).replaceAll("[-_. ]", "");
    }

    /** Levenshtein's distance, one row at a time. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
