package io.cdcsystem.testbed.verify;

import java.util.ArrayList;
import java.util.List;

/** The first few findings of a comparison, in words. Single-threaded. */
public final class Findings {
    private static final int KEPT_MAX = 20;

    private final List<String> texts = new ArrayList<>();

    /** Keeps the text while there is room. */
    public void add(String text) {
        if (texts.size() < KEPT_MAX) {
            texts.add(text);
        }
    }

    /** What was kept. */
    public List<String> texts() {
        return List.copyOf(texts);
    }

    @Override
    public String toString() {
        return String.join(System.lineSeparator(), texts);
    }
}
