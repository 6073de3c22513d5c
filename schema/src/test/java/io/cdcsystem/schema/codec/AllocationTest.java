package io.cdcsystem.schema.codec;

import static io.cdcsystem.schema.codec.Samples.CONFIG;
import static io.cdcsystem.schema.codec.Samples.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.row.Row;
import io.cdcsystem.schema.row.TestRows;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.TableSchema;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class AllocationTest {
    private static final int EVENTS = 2000;
    /** Array header, alignment and what the JVM itself allocates now and then. */
    private static final int OVERHEAD_MAX = 64;

    @Test
    @Tag("N1")
    void json_allocates_nothing_but_the_record_however_many_columns_there_are() {
        for (int repeats : new int[] {1, 8}) {
            TableSchema table = wide(repeats);
            assertOnlyRecordsAreAllocated(TableEncoders.json(CONFIG, table), table, row(repeats));
        }
    }

    @Test
    @Tag("N1")
    void avro_allocates_nothing_but_the_record_however_many_columns_there_are() {
        for (int repeats : new int[] {1, 8}) {
            TableSchema table = wide(repeats);
            assertOnlyRecordsAreAllocated(TableEncoders.avro(CONFIG, table, 1, 2), table, row(repeats));
        }
    }

    private static void assertOnlyRecordsAreAllocated(TableEncoder encoder, TableSchema table, Row row) {
        SourceEvent event = Samples.streamed(table, Op.UPDATE, row, row);
        int size = encode(encoder, row, event);
        encode(encoder, row, event);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(thread);
        encode(encoder, row, event);
        long perEvent = (threads.getThreadAllocatedBytes(thread) - before) / EVENTS;
        assertThat(perEvent).isBetween((long) size, (long) size + OVERHEAD_MAX);
    }

    private static int encode(TableEncoder encoder, Row row, SourceEvent event) {
        int size = 0;
        for (int i = 0; i < EVENTS; i++) {
            size = encoder.value(Op.UPDATE, row, row, event, NOW).length;
        }
        return size;
    }

    // Every kind; without the values whose exact decimal form takes the JDK big arithmetic.
    private static List<FieldCase> cases() {
        return FieldCase.all();
    }

    private static TableSchema wide(int repeats) {
        List<FieldCase> cases = cases();
        Column[] columns = IntStream.range(0, repeats * cases.size())
                .mapToObj(
                        i -> Samples.column("c" + i, cases.get(i % cases.size()).type(), i % 2 == 0))
                .toArray(Column[]::new);
        return Samples.table(columns);
    }

    private static Row row(int repeats) {
        TestRows rows = TestRows.row().int32(1);
        for (int i = 0; i < repeats; i++) {
            cases().forEach(field -> rows.bytes(field.payload()));
        }
        return rows.build();
    }
}
