package io.cdcsystem.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.wire.HeaderNames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("L6")
class RepeatFilterTest {
    private static final Position FIRST = new Position(1, 100, 0);
    private static final Position SECOND = new Position(1, 100, 1);

    private final RepeatFilter filter = new RepeatFilter(100);

    @Test
    void the_same_position_of_a_key_is_a_repeat_and_a_later_one_is_not() {
        assertThat(filter.isRepeat(Records.record("a", "1", FIRST))).isFalse();
        assertThat(filter.isRepeat(Records.record("a", "1", FIRST))).isTrue();
        assertThat(filter.isRepeat(Records.record("a", "2", SECOND))).isFalse();
        assertThat(filter.isRepeat(Records.record("a", "1", FIRST))).isTrue();
    }

    @Test
    void keys_and_topics_are_told_apart() {
        assertThat(filter.isRepeat(Records.record("a", "1", SECOND))).isFalse();
        assertThat(filter.isRepeat(Records.record("b", "1", FIRST))).isFalse();
        assertThat(filter.isRepeat(Records.record("other", "a", "1", HeaderNames.POSITION, FIRST.toString())))
                .isFalse();
    }

    @Test
    void the_tombstone_behind_its_delete_is_no_repeat_but_the_second_one_is() {
        assertThat(filter.isRepeat(Records.record("a", "delete", FIRST))).isFalse();
        assertThat(filter.isRepeat(Records.record("a", null, FIRST))).isFalse();
        assertThat(filter.isRepeat(Records.record("a", "delete", FIRST))).isTrue();
        assertThat(filter.isRepeat(Records.record("a", null, FIRST))).isTrue();
    }

    @Test
    void a_tombstone_whose_delete_was_compacted_away_counts_by_its_position() {
        assertThat(filter.isRepeat(Records.record("a", null, SECOND))).isFalse();
        assertThat(filter.isRepeat(Records.record("a", "1", FIRST))).isTrue();
        assertThat(filter.isRepeat(Records.record("a", null, FIRST))).isTrue();
    }

    @Test
    void commits_above_the_signed_range_still_count_as_later() {
        assertThat(filter.isRepeat(Records.record("a", "1", new Position(1, Long.MAX_VALUE, 0))))
                .isFalse();
        assertThat(filter.isRepeat(Records.record("a", "2", new Position(1, Long.MIN_VALUE, 0))))
                .isFalse();
    }

    @Test
    void records_without_a_key_are_never_called_a_repeat() {
        assertThat(filter.isRepeat(Records.record(null, "1", FIRST))).isFalse();
        assertThat(filter.isRepeat(Records.record(null, "1", FIRST))).isFalse();
        assertThat(filter.size()).isZero();
    }

    @Test
    void memory_is_bounded_and_the_key_not_met_for_longest_is_forgotten() {
        RepeatFilter small = new RepeatFilter(2);
        small.isRepeat(Records.record("a", "1", FIRST));
        small.isRepeat(Records.record("b", "1", FIRST));
        assertThat(small.isRepeat(Records.record("a", "1", FIRST))).isTrue();
        small.isRepeat(Records.record("c", "1", FIRST));

        assertThat(small.size()).isEqualTo(2);
        assertThat(small.isRepeat(Records.record("a", "1", FIRST))).isTrue();
        assertThat(small.isRepeat(Records.record("b", "1", FIRST))).isFalse();
    }

    @Test
    void a_record_without_position_is_an_error() {
        assertThatThrownBy(() -> filter.isRepeat(Records.record("t", "a", "1"))).isInstanceOf(CdcException.class);
    }

    @Test
    void any_redelivery_from_an_earlier_offset_leaves_every_record_exactly_once() {
        Random random = new Random(4711);
        for (int round = 0; round < 200; round++) {
            List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                String key = "k" + random.nextInt(5);
                Position position = new Position(1, 1_000 + i / 3, i % 3);
                boolean delete = random.nextInt(3) == 0;
                log.add(Records.record(key, delete ? "delete" : "upsert", position));
                if (delete) {
                    log.add(Records.record(key, null, position));
                }
            }
            RepeatFilter fresh = new RepeatFilter(100);
            List<ConsumerRecord<byte[], byte[]>> passed = new ArrayList<>();
            int reached = 0;
            while (reached < log.size()) {
                int from = random.nextInt(reached + 1);
                int to = from + random.nextInt(log.size() - from) + 1;
                for (ConsumerRecord<byte[], byte[]> record : log.subList(from, to)) {
                    if (!fresh.isRepeat(record)) {
                        passed.add(record);
                    }
                }
                reached = Math.max(reached, to);
            }
            assertThat(passed).as("round %d", round).isEqualTo(log);
        }
    }

    @Test
    void a_snapshot_row_of_a_pipeline_that_began_anew_is_no_repeat_of_a_higher_log_position() {
        Position row = new Position(1, 90, 1);
        assertThat(filter.isRepeat(Records.record("a", "published by the old pipeline", FIRST)))
                .isFalse();
        assertThat(filter.isRepeat(snapshotRow(row))).isFalse();
        assertThat(filter.isRepeat(snapshotRow(row))).isTrue();
        assertThat(filter.isRepeat(Records.record("a", "behind the row", FIRST)))
                .isFalse();
    }

    private static ConsumerRecord<byte[], byte[]> snapshotRow(Position position) {
        ConsumerRecord<byte[], byte[]> row = Records.record("a", "row", position);
        row.headers().add(HeaderNames.GENERATION, "1".getBytes(StandardCharsets.UTF_8));
        return row;
    }
}
