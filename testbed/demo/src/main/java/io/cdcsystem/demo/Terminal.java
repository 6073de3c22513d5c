package io.cdcsystem.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.cdcsystem.testbed.verify.TopicEvent;
import java.io.PrintStream;
import java.util.concurrent.TimeUnit;

/** Shows people what is going on: steps, a progress line a second, and a few of the events as they land. */
final class Terminal {
    private static final int EVENT_WIDTH_MAX = 160;
    private static final int EVENTS_PER_SECOND_MAX = 4;

    private final PrintStream out;
    private final boolean showEvents;
    private final long startNanos = System.nanoTime();
    private int eventsThisSecond;

    Terminal(PrintStream out, boolean showEvents) {
        this.out = out;
        this.showEvents = showEvents;
    }

    PrintStream out() {
        return out;
    }

    void step(String text) {
        out.printf("[%5.1fs] %s%n", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos) / 1000.0, text);
    }

    /** A sample of the log's changes; the snapshot shows in {@link #progress} only. */
    void event(TopicEvent event) {
        JsonNode value = event.value();
        if (!showEvents || value == null || "r".equals(value.path("op").asText())) {
            return;
        }
        if (eventsThisSecond++ < EVENTS_PER_SECOND_MAX) {
            JsonNode image = value.path(value.path("after").isNull() ? "before" : "after");
            String line = "    " + value.path("op").asText() + " " + event.topic() + " " + image;
            out.println(line.length() > EVENT_WIDTH_MAX ? line.substring(0, EVENT_WIDTH_MAX) + "…" : line);
        }
    }

    void progress(long snapshotRows, long rowsExpected, long events, long transactions) {
        eventsThisSecond = 0;
        step(String.format(
                "snapshot %d/%d rows · %d events in the topics · %d transactions committed",
                snapshotRows, rowsExpected, events, transactions));
    }
}
