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
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("L6")
class RepeatFilterTest {
    private static final Position FIRST = new Position(1, 100, 0);
    private static final Position SECOND = new Position(1, 100, 1);

    private final RepeatFilter filter = new RepeatFilter(100);

    private long sent;

    /** Whether the record is a repeat when it is written behind all that was written before. */
    private boolean repeats(ConsumerRecord<byte[], byte[]> record) {
        return filter.isRepeat(Records.at(sent++, record));
    }

    @Test
    void the_same_position_of_a_key_is_a_repeat_and_a_later_one_is_not() {
        assertThat(repeats(Records.record("a", "1", FIRST))).isFalse();
        assertThat(repeats(Records.record("a", "1", FIRST))).isTrue();
        assertThat(repeats(Records.record("a", "2", SECOND))).isFalse();
        assertThat(repeats(Records.record("a", "1", FIRST))).isTrue();
    }

    @Test
    void keys_and_topics_are_told_apart() {
        assertThat(repeats(Records.record("a", "1", SECOND))).isFalse();
        assertThat(repeats(Records.record("b", "1", FIRST))).isFalse();
        assertThat(repeats(Records.record("other", "a", "1", HeaderNames.POSITION, FIRST.toString())))
                .isFalse();
    }

    @Test
    void the_tombstone_behind_its_delete_is_no_repeat_but_the_second_one_is() {
        assertThat(repeats(Records.record("a", "delete", FIRST))).isFalse();
        assertThat(repeats(Records.record("a", null, FIRST))).isFalse();
        assertThat(repeats(Records.record("a", "delete", FIRST))).isTrue();
        assertThat(repeats(Records.record("a", null, FIRST))).isTrue();
    }

    @Test
    void a_tombstone_whose_delete_was_compacted_away_counts_by_its_position() {
        assertThat(repeats(Records.record("a", null, SECOND))).isFalse();
        assertThat(repeats(Records.record("a", "1", FIRST))).isTrue();
        assertThat(repeats(Records.record("a", null, FIRST))).isTrue();
    }

    @Test
    void commits_above_the_signed_range_still_count_as_later() {
        assertThat(repeats(Records.record("a", "1", new Position(1, Long.MAX_VALUE, 0))))
                .isFalse();
        assertThat(repeats(Records.record("a", "2", new Position(1, Long.MIN_VALUE, 0))))
                .isFalse();
    }

    @Test
    void records_without_a_key_are_never_called_a_repeat() {
        assertThat(repeats(Records.record(null, "1", FIRST))).isFalse();
        assertThat(repeats(Records.record(null, "1", FIRST))).isFalse();
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
                log.add(Records.at(log.size(), Records.record(key, delete ? "delete" : "upsert", position)));
                if (delete) {
                    log.add(Records.at(log.size(), Records.record(key, null, position)));
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
        assertThat(repeats(Records.record("a", "published by the old pipeline", FIRST)))
                .isFalse();
        assertThat(repeats(snapshotRow(row))).isFalse();
        assertThat(repeats(snapshotRow(row))).isTrue();
        assertThat(repeats(Records.record("a", "behind the row", FIRST))).isFalse();
    }

    /** A change of the log. */
    private static ConsumerRecord<byte[], byte[]> change(String value, long commit) {
        return Records.record("a", value, new Position(1, commit, 0));
    }

    /** A row, or "gone" or null for the delete or tombstone of a key that a run did not find. */
    private static ConsumerRecord<byte[], byte[]> read(
            @Nullable String value, int generation, long readAt, Position position) {
        ConsumerRecord<byte[], byte[]> row = Records.record("a", value, position);
        row.headers().add(HeaderNames.GENERATION, String.valueOf(generation).getBytes(StandardCharsets.UTF_8));
        Position own = new Position(1, readAt, generation);
        if (!own.equals(position)) {
            row.headers().add(HeaderNames.GENERATION_POSITION, own.toString().getBytes(StandardCharsets.UTF_8));
        }
        return row;
    }

    private static ConsumerRecord<byte[], byte[]> read(String value, int generation, long readAt) {
        return read(value, generation, readAt, new Position(1, readAt, generation));
    }

    /** A row behind a change that it contains. */
    private static ConsumerRecord<byte[], byte[]> readBehind(
            @Nullable String value, int generation, long readAt, long commit) {
        return read(value, generation, readAt, new Position(1, commit, 0).behind(generation));
    }

    private record Sent(ConsumerRecord<byte[], byte[]> record, boolean repeat) {}

    private static Sent fresh(ConsumerRecord<byte[], byte[]> record) {
        return new Sent(record, false);
    }

    private static Sent repeat(ConsumerRecord<byte[], byte[]> record) {
        return new Sent(record, true);
    }

    private static Arguments topic(String name, Sent... records) {
        return Arguments.of(name, List.of(records));
    }

    static Stream<Arguments> topics() {
        return Stream.of(
                topic(
                        "re-snapshot of a key that never changed",
                        fresh(read("r1", 1, 10)),
                        fresh(read("r2", 5, 50)),
                        repeat(read("r1", 1, 10)),
                        repeat(read("r2", 5, 50))),
                topic(
                        "re-snapshot while nothing was written: both generations stand at one commit",
                        fresh(read("r1", 1, 10)),
                        fresh(readBehind("r2", 2, 10, 10)),
                        repeat(read("r1", 1, 10)),
                        repeat(readBehind("r2", 2, 10, 10)),
                        fresh(change("c11", 11))),
                topic(
                        "replay of a row and of the changes around it",
                        fresh(change("c40", 40)),
                        fresh(readBehind("r", 5, 30, 40)),
                        fresh(change("c60", 60)),
                        repeat(change("c40", 40)),
                        repeat(readBehind("r", 5, 30, 40)),
                        repeat(change("c60", 60)),
                        fresh(change("c61", 61))),
                topic(
                        "replay in which the change that the row contains is dropped before",
                        fresh(change("c40", 40)),
                        fresh(readBehind("r", 5, 30, 40)),
                        repeat(read("r", 5, 30)),
                        fresh(change("c60", 60))),
                topic(
                        "replay in which the change comes before the row that contains it: the row comes again behind",
                        fresh(read("r", 5, 30)),
                        fresh(change("c40", 40)),
                        fresh(readBehind("r", 5, 30, 40))),
                topic(
                        "a killed attempt's changes, contained in the row of a younger generation that stands below",
                        fresh(read("r", 5, 30)),
                        fresh(change("c60", 60)),
                        fresh(read("r' with c60 and more", 6, 55)),
                        repeat(read("r", 5, 30)),
                        repeat(read("r' with c60 and more", 6, 55)),
                        fresh(change("c70", 70))),
                topic(
                        "a killed attempt's change that the younger generation does not contain comes again",
                        fresh(read("r", 5, 30)),
                        fresh(change("c60", 60)),
                        fresh(read("r'", 6, 55)),
                        fresh(change("c60", 60)),
                        repeat(change("c60", 60))),
                topic(
                        "sweep, its replay, and the key created anew",
                        fresh(read("r", 1, 10)),
                        fresh(readBehind("gone", 5, 50, 50)),
                        fresh(readBehind(null, 5, 50, 50)),
                        repeat(readBehind("gone", 5, 50, 50)),
                        repeat(readBehind(null, 5, 50, 50)),
                        fresh(change("c60", 60)),
                        repeat(readBehind("gone", 5, 50, 50)),
                        repeat(readBehind(null, 5, 50, 50)),
                        repeat(change("c60", 60))),
                topic(
                        "sweep by tombstone alone",
                        fresh(read("r", 1, 10)),
                        fresh(readBehind(null, 5, 50, 50)),
                        repeat(readBehind(null, 5, 50, 50))),
                topic(
                        "a row again after the sweep",
                        fresh(readBehind("gone", 5, 50, 50)),
                        fresh(readBehind(null, 5, 50, 50)),
                        fresh(readBehind("r", 7, 50, 50)),
                        repeat(readBehind(null, 5, 50, 50))),
                topic(
                        "a pipeline that began anew counts its generations from one",
                        fresh(read("r", 1, 10)),
                        fresh(change("c60", 60)),
                        fresh(read("anew", 1, 55)),
                        repeat(read("r", 1, 10)),
                        fresh(change("c60", 60))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("topics")
    @Tag("S8")
    void repeats_are_told_across_snapshots(String name, List<Sent> records) {
        for (int i = 0; i < records.size(); i++) {
            assertThat(repeats(records.get(i).record()))
                    .as("%s, record %d", name, i)
                    .isEqualTo(records.get(i).repeat());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("topics")
    @Tag("S8")
    void whatever_kafka_delivers_again_changes_nothing(String name, List<Sent> records) {
        List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();
        List<ConsumerRecord<byte[], byte[]>> expected = new ArrayList<>();
        for (Sent record : records) {
            log.add(Records.at(log.size(), record.record()));
            if (!record.repeat()) {
                expected.add(log.get(log.size() - 1));
            }
        }
        for (int from = 0; from < log.size(); from++) {
            for (int again = from + 1; again <= log.size(); again++) {
                RepeatFilter fresh = new RepeatFilter(100);
                List<ConsumerRecord<byte[], byte[]>> passed = new ArrayList<>();
                List<ConsumerRecord<byte[], byte[]>> delivered = new ArrayList<>(log.subList(0, again));
                delivered.addAll(log.subList(from, log.size()));
                for (ConsumerRecord<byte[], byte[]> record : delivered) {
                    if (!fresh.isRepeat(record)) {
                        passed.add(record);
                    }
                }
                assertThat(passed)
                        .as("%s: after %d again from %d", name, again, from)
                        .isEqualTo(expected);
            }
        }
    }

    private static ConsumerRecord<byte[], byte[]> snapshotRow(Position position) {
        ConsumerRecord<byte[], byte[]> row = Records.record("a", "row", position);
        row.headers().add(HeaderNames.GENERATION, "1".getBytes(StandardCharsets.UTF_8));
        return row;
    }
}
