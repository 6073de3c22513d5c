package io.cdcsystem.source.postgres.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.source.database.ChunkPlan;
import io.cdcsystem.source.postgres.catalog.TableFile;
import io.cdcsystem.source.postgres.catalog.TableFiles;
import io.cdcsystem.source.split.ChunkRange;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockPlannerTest {

    private static TableFile file(long oid, long blocks) {
        return new TableFile(oid, "public", "p" + oid, true, true, oid + 1000, blocks, 10, 100);
    }

    private static List<ChunkRange> plan(TableFiles table, double rowsPerChunk, int chunksMax) {
        List<ChunkRange> ranges = new ArrayList<>();
        ChunkPlan plan;
        do {
            BlockBound after = ranges.isEmpty()
                    ? null
                    : BlockBound.of(ranges.get(ranges.size() - 1).to());
            plan = BlockPlanner.plan(table, after, rowsPerChunk, chunksMax, -1);
            ranges.addAll(plan.ranges());
        } while (!plan.complete());
        return ranges;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "10, 3", "35, 2", "1000, 5", "1000000, 1"})
    void every_block_lies_in_one_chunk(double rowsPerChunk, int chunksMax) {
        TableFiles table = new TableFiles(
                1, true, List.of(file(5, 7), file(6, 0), file(7, 1), file(9, 0), file(12, 30), file(13, 0)));
        List<ChunkRange> ranges = plan(table, rowsPerChunk, chunksMax);
        assertThat(ranges.get(0).from()).isNull();
        assertThat(ranges.get(ranges.size() - 1).to()).isNull();
        for (int i = 1; i < ranges.size(); i++) {
            assertThat(ranges.get(i).from()).isEqualTo(ranges.get(i - 1).to());
            BlockBound to = BlockBound.of(ranges.get(i).to());
            BlockBound from = BlockBound.of(ranges.get(i).from());
            if (to != null && from != null) {
                assertThat(to.relation() > from.relation()
                                || (to.relation() == from.relation() && to.block() > from.block()))
                        .isTrue();
            }
        }
    }

    @Test
    void small_partitions_share_a_chunk_and_large_ones_are_cut() {
        TableFiles table = new TableFiles(1, true, List.of(file(5, 2), file(6, 2), file(7, 100)));
        assertThat(plan(table, 400, 9).stream().map(ChunkRange::to).toList())
                .containsExactly(new BlockBound(7, 1007, 35).bound(), new BlockBound(7, 1007, 75).bound(), null);
    }

    @Test
    void many_empty_partitions_are_spread_over_chunks() {
        TableFiles table = new TableFiles(
                1, true, LongStream.range(0, 250).mapToObj(oid -> file(oid, 0)).toList());
        assertThat(plan(table, 1000, 9)).hasSize(3);
    }

    @Test
    void table_without_partitions_is_one_empty_chunk() {
        assertThat(plan(new TableFiles(1, true, List.of()), 10, 9)).containsExactly(ChunkRange.ALL);
    }

    @Test
    void never_analyzed_files_have_no_known_rows() {
        TableFile unknown = new TableFile(2, "public", "p", true, true, 3, 10, 0, -1);
        assertThat(new TableFiles(1, true, List.of(file(5, 7), unknown)).rows()).isEqualTo(-1);
        assertThat(new TableFiles(1, true, List.of(file(5, 7), file(6, 20))).rows())
                .isEqualTo(270);
    }
}
