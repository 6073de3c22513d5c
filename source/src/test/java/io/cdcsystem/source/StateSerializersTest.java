package io.cdcsystem.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.source.enumerator.Capture;
import io.cdcsystem.source.enumerator.EnumeratorState;
import io.cdcsystem.source.enumerator.EnumeratorStateSerializer;
import io.cdcsystem.source.enumerator.PendingChunk;
import io.cdcsystem.source.enumerator.TableProgress;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.CdcSplitSerializer;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.SnapshotSplit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateSerializersTest {
    private static final LogSplit LOG = new LogSplit(
            Samples.EPOCH,
            Samples.token(7),
            3,
            List.of(
                    new CapturedTable(Samples.table("a"), Samples.generation(1)),
                    new CapturedTable(Samples.table("b"), null)),
            List.of(),
            Samples.token(9));
    private static final Map<String, CdcSplit> SPLITS = Map.of(
            "split-snapshot-v1",
            new SnapshotSplit(Samples.table("a"), 4, Samples.range(-1, 40), null, Samples.generation(2), "00000003-1B"),
            "split-log-v1",
            LOG,
            "split-finished-v1",
            new FinishedChunk(Samples.table("a").id(), 1, 4, 12_345));
    private static final Map<String, EnumeratorState> STATES = Map.of(
            "enumerator-empty-v1",
            EnumeratorState.EMPTY,
            "enumerator-snapshotting-v1",
            new EnumeratorState(new Capture(
                    Samples.EPOCH,
                    Samples.token(1),
                    Samples.token(9),
                    1,
                    2,
                    List.of(
                            new TableProgress(
                                    Samples.table("a"),
                                    Samples.generation(1),
                                    6,
                                    Samples.range(50, -1),
                                    true,
                                    List.of(
                                            new PendingChunk(2, Samples.range(20, 30)),
                                            new PendingChunk(5, Samples.range(50, -1))),
                                    40),
                            new TableProgress(Samples.table("b"), null, 0, null, false, List.of(), 0)),
                    false,
                    null)),
            "enumerator-log-returned-v1",
            new EnumeratorState(new Capture(Samples.EPOCH, Samples.token(1), null, 1, 1, List.of(), false, LOG)));

    @ParameterizedTest
    @ValueSource(strings = {"split-snapshot-v1", "split-log-v1", "split-finished-v1"})
    void splits_are_the_golden_bytes_and_come_back_equal(String name) throws IOException {
        CdcSplit split = Objects.requireNonNull(SPLITS.get(name));
        CdcSplitSerializer serializer = new CdcSplitSerializer();
        assertThat(HexFormat.of().formatHex(serializer.serialize(split))).isEqualTo(golden(name));
        assertThat(serializer.deserialize(1, HexFormat.of().parseHex(golden(name))))
                .isEqualTo(split);
    }

    @ParameterizedTest
    @ValueSource(strings = {"enumerator-empty-v1", "enumerator-snapshotting-v1", "enumerator-log-returned-v1"})
    void the_enumerator_s_states_are_the_golden_bytes_and_come_back_equal(String name) throws IOException {
        EnumeratorState state = Objects.requireNonNull(STATES.get(name));
        EnumeratorStateSerializer serializer = new EnumeratorStateSerializer();
        assertThat(HexFormat.of().formatHex(serializer.serialize(state))).isEqualTo(golden(name));
        assertThat(serializer.deserialize(1, HexFormat.of().parseHex(golden(name))))
                .isEqualTo(state);
    }

    @Test
    void state_of_a_newer_build_is_refused_with_both_versions() throws IOException {
        byte[] bytes = new CdcSplitSerializer().serialize(LOG);
        assertThatThrownBy(() -> new CdcSplitSerializer().deserialize(2, bytes))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("STATE_UNREADABLE")
                .hasMessageContaining("version 2");
    }

    @Test
    void no_truncation_of_state_is_taken_for_state() throws IOException {
        for (CdcSplit split : SPLITS.values()) {
            refusesEveryPrefix(new CdcSplitSerializer(), new CdcSplitSerializer().serialize(split));
        }
        for (EnumeratorState state : STATES.values()) {
            refusesEveryPrefix(new EnumeratorStateSerializer(), new EnumeratorStateSerializer().serialize(state));
        }
    }

    private static void refusesEveryPrefix(SimpleVersionedSerializer<?> serializer, byte[] bytes) {
        for (int length = 0; length < bytes.length; length++) {
            byte[] prefix = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> serializer.deserialize(1, prefix))
                    .isInstanceOf(CdcException.class)
                    .hasMessageContaining("STATE_UNREADABLE");
        }
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = StateSerializersTest.class.getResourceAsStream("/golden/" + name + ".hex")) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.US_ASCII).strip();
        }
    }
}
