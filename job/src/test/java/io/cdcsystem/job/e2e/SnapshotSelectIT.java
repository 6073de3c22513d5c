package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.testbed.SharedServers;
import io.cdcsystem.testbed.verify.TopicEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code snapshot.select}: what the snapshot leaves out, the log leaves out as well. */
@Tag("S1")
@Tag("S5")
class SnapshotSelectIT {
    @TempDir
    Path folder;

    @Test
    void snapshot_and_log_select_the_same_columns_and_rows() throws Exception {
        try (LocalPipeline pipeline = new LocalPipeline(folder, SharedServers.postgres(), "orders", "plain")) {
            pipeline.sql(
                    "CREATE TABLE orders (region text, id int, total int, secret text, PRIMARY KEY (id, region))",
                    "CREATE TABLE plain (id int PRIMARY KEY, v text)",
                    "INSERT INTO orders SELECT CASE WHEN i % 2 = 0 THEN 'eu' ELSE 'us' END, i, i, 'hidden'"
                            + " FROM generate_series(1, 40) i",
                    "INSERT INTO plain VALUES (1, 'all')");
            pipeline.set(
                    "snapshot",
                    "select",
                    "[{table: public.orders, columns: [id, region, total], where: \"region = 'eu'\"}]");
            pipeline.start();
            pipeline.awaitRecords("orders", 20);
            pipeline.awaitRecords("plain", 1);
            pipeline.awaitStreaming();
            assertThat(pipeline.texts("orders"))
                    .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 20)
                            .mapToObj(i -> "r " + 2 * i + "/eu")
                            .toList());

            pipeline.sql(
                    "INSERT INTO orders VALUES ('eu', 100, 1, 'hidden'), ('us', 101, 1, 'hidden')",
                    "UPDATE orders SET total = 0, secret = 'other' WHERE id IN (1, 2)",
                    // Into the condition, and out of it.
                    "UPDATE orders SET region = 'eu' WHERE id = 3",
                    "UPDATE orders SET region = 'us' WHERE id = 4",
                    "DELETE FROM orders WHERE id IN (5, 6)",
                    "UPDATE plain SET v = 'still all'");
            pipeline.awaitRecords("plain", 2);
            pipeline.awaitRecords("orders", 20 + CHANGES.length);
            assertThat(pipeline.texts("orders", 20)).containsExactlyInAnyOrder(CHANGES);

            pipeline.sql(
                    "UPDATE orders SET region = 'eu' WHERE id = 4", "UPDATE orders SET region = 'us' WHERE id = 3");
            pipeline.awaitRecords("orders", 20 + CHANGES.length + 3);

            // Read again, the rows and columns are still the same.
            int before = pipeline.events("orders").size();
            pipeline.cdc("resnapshot", "public.orders");
            pipeline.awaitDone("orders", 1);
            long alive = pipeline.number("SELECT count(*) FROM orders WHERE region = 'eu'");
            pipeline.awaitRecords("orders", before + (int) alive);
            assertThat(pipeline.texts("orders", before)).hasSize((int) alive).allMatch(text -> text.matches("i .*/eu"));
            assertThat(pipeline.folded("orders", "total"))
                    .isEqualTo(pipeline.rows("orders WHERE region = 'eu'", "id || '/' || region", "total"));
            requireColumns(pipeline.events("orders"));
            pipeline.requireOrder();
        }
    }

    private static final String[] CHANGES = {
        "c 100/eu", "u 2/eu", "c 3/eu", "d 4/eu", "tombstone 4/eu", "d 6/eu", "tombstone 6/eu"
    };

    private static void requireColumns(List<TopicEvent> events) {
        List<Set<String>> rows = new ArrayList<>();
        for (TopicEvent event : events) {
            if (event.value() != null && event.value().path("after").isObject()) {
                Set<String> names = new TreeSet<>();
                for (Iterator<String> name = event.value().path("after").fieldNames(); name.hasNext(); ) {
                    names.add(name.next());
                }
                rows.add(names);
            }
        }
        assertThat(rows).isNotEmpty().allMatch(names -> names.equals(Set.of("id", "region", "total")));
    }
}
