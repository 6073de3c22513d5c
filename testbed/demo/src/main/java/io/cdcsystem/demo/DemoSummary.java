package io.cdcsystem.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cdcsystem.testbed.verify.Findings;
import io.cdcsystem.testbed.verify.HistoryCheck;
import io.cdcsystem.testbed.verify.TopicHistory;
import java.io.PrintStream;
import java.util.List;

/**
 * What the demo ends with.
 *
 * @param transactions committed by the workload
 * @param snapshotRows rows published by the snapshot
 * @param events records published, tombstones aside
 * @param lost audited changes that no topic shows
 * @param invented records that no audited change explains
 * @param duplicates records published more than once
 * @param disordered records behind a younger one of their key
 * @param rowsDifferent rows of the tables that differ from what the topics fold into
 * @param p50Millis median of commit to consumer, changes of the log only
 * @param p99Millis its 99th percentile
 * @param topics the topics
 * @param problems the first findings, in words
 */
record DemoSummary(
        long transactions,
        long snapshotRows,
        long events,
        long lost,
        long invented,
        long duplicates,
        long disordered,
        long rowsDifferent,
        long p50Millis,
        long p99Millis,
        List<String> topics,
        List<String> problems) {

    static DemoSummary of(
            long transactions,
            TopicHistory history,
            HistoryCheck.Result changes,
            long rowsDifferent,
            Latencies latencies,
            List<String> topics,
            Findings findings) {
        history.findings().forEach(findings::add);
        return new DemoSummary(
                transactions,
                history.snapshotRows(),
                history.records(),
                changes.lost(),
                changes.invented(),
                history.repeats() + history.rereads(),
                history.disordered(),
                rowsDifferent,
                latencies.percentile(50),
                latencies.percentile(99),
                topics,
                findings.texts());
    }

    boolean verified() {
        return events > 0 && lost == 0 && invented == 0 && duplicates == 0 && disordered == 0 && rowsDifferent == 0;
    }

    String toJson() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("verified", verified());
        json.put("transactions", transactions);
        json.put("snapshot_rows", snapshotRows);
        json.put("events", events);
        json.put("lost", lost);
        json.put("invented", invented);
        json.put("duplicates", duplicates);
        json.put("disordered", disordered);
        json.put("rows_different", rowsDifferent);
        json.put("p50_ms", p50Millis);
        json.put("p99_ms", p99Millis);
        topics.forEach(json.putArray("topics")::add);
        if (!verified()) {
            problems.forEach(json.putArray("problems")::add);
        }
        return json.toString();
    }

    void print(PrintStream out) {
        out.printf(
                "%n%d transactions committed; %d snapshot rows and %d events in %s%n",
                transactions, snapshotRows, events, topics);
        out.printf("commit to consumer: p50 %d ms, p99 %d ms%n", p50Millis, p99Millis);
        out.printf(
                "lost %d, invented %d, duplicates %d, out of order %d, rows different %d%n",
                lost, invented, duplicates, disordered, rowsDifferent);
        problems.forEach(problem -> out.println("  " + problem));
        out.println(
                verified()
                        ? "VERIFIED: every audited change is in the topics once and in order, and every row is equal."
                        : "NOT VERIFIED.");
    }
}
