package io.cdcsystem.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.enumerator.AdmittedVersion;
import io.cdcsystem.source.enumerator.AppliedSignals;
import io.cdcsystem.source.enumerator.Capture;
import io.cdcsystem.source.enumerator.EnumeratorState;
import io.cdcsystem.source.enumerator.EnumeratorStateSerializer;
import io.cdcsystem.source.enumerator.PendingChunk;
import io.cdcsystem.source.enumerator.SnapshotOrder;
import io.cdcsystem.source.enumerator.Stage;
import io.cdcsystem.source.enumerator.TableProgress;
import io.cdcsystem.source.signal.LogSignal;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.CdcSplitSerializer;
import io.cdcsystem.source.split.FinishedChunk;
import io.cdcsystem.source.split.HandedOver;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import io.cdcsystem.source.split.SnapshotSplit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.jspecify.annotations.Nullable;
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
    private static final LogSplit LOG_WITH_SIGNAL = new LogSplit(
            Samples.EPOCH,
            Samples.token(7),
            3,
            List.of(new CapturedTable(Samples.table("a"), null)),
            List.of(new LogSignal(
                    new Position(1, 0x78, 1), new Signal("id", "execute-snapshot", "{\"data-collections\":[]}"))),
            null);
    private static final LogSplit LOG_WITH_WAITING = new LogSplit(
            Samples.EPOCH,
            Samples.token(7),
            0,
            List.of(new CapturedTable(Samples.table("a"), null), new CapturedTable(Samples.table("b"), null)),
            List.of(),
            null,
            new HandedOver(new Position(1, 0x99, 4), Map.of(Samples.table("b").id(), new Position(1, 0x88, 2))));
    private static final Map<String, CdcSplit> SPLITS = Map.of(
            "split-log-v3",
            LOG_WITH_WAITING,
            "split-finished-v3",
            new FinishedChunk(Samples.table("a").id(), 2, 4, 12_345),
            "split-snapshot-v3",
            new SnapshotSplit(
                    Samples.table("a"),
                    4,
                    Samples.range(-1, 40),
                    "id > 7",
                    "16384:16390",
                    Samples.generation(2),
                    "00000003-1B"),
            "split-snapshot-v2",
            new SnapshotSplit(
                    Samples.table("a"),
                    4,
                    Samples.range(-1, 40),
                    "id > 7",
                    "16384:16390",
                    Samples.generation(2),
                    "00000003-1B"),
            "split-log-v2",
            LOG_WITH_SIGNAL,
            "split-finished-v2",
            new FinishedChunk(Samples.table("a").id(), 2, 4, 12_345),
            "split-snapshot-v1",
            new SnapshotSplit(
                    Samples.table("a"), 4, Samples.range(-1, 40), null, null, Samples.generation(2), "00000003-1B"),
            "split-log-v1",
            LOG,
            "split-finished-v1",
            new FinishedChunk(Samples.table("a").id(), 1, 4, 12_345));
    private static final TableProgress READING = new TableProgress(
            Samples.table("a"),
            1,
            null,
            Stage.READING,
            Samples.generation(1),
            null,
            null,
            6,
            Samples.range(50, -1),
            true,
            List.of(new PendingChunk(2, Samples.range(20, 30)), new PendingChunk(5, Samples.range(50, -1))),
            40,
            -1,
            List.of());
    private static final TableProgress NOT_BEGUN = new TableProgress(
            Samples.table("b"), 1, null, Stage.READING, null, null, null, 0, null, false, List.of(), 0, -1, List.of());
    private static final Signal SIGNAL = new Signal("7", "add-tables", "{}");

    private static EnumeratorState state(
            int generations, @Nullable ResumeToken end, @Nullable LogSplit returned, TableProgress... tables) {
        return new EnumeratorState(
                new Capture(
                        Samples.EPOCH,
                        Samples.token(1),
                        end,
                        1,
                        generations,
                        List.of(tables),
                        false,
                        returned,
                        false,
                        Set.of(),
                        Set.of(),
                        AppliedSignals.NONE),
                List.of());
    }

    private static final TableSchema WIDE = new TableSchema(
            Samples.table("a").id(),
            List.of(
                    Samples.table("a").columns().get(0),
                    new Column("name", ColumnType.of(ColumnType.Kind.STRING), true, null, "text")),
            List.of("id"));
    private static final EnumeratorState VERSIONS = new EnumeratorState(
            state(2, null, LOG_WITH_WAITING, READING).capture(),
            List.of(
                    new AdmittedVersion(
                            Samples.table("a"),
                            new Admission.Publish(Samples.table("a"), 3, 4),
                            new Position(1, 0x66, 1)),
                    new AdmittedVersion(
                            Samples.table("b"), new Admission.DeadLetter("rejected"), new Position(1, 0x77, 0)),
                    new AdmittedVersion(
                            WIDE, new Admission.Publish(Samples.table("a"), 3, 4), new Position(1, 0x88, 2))));
    private static final Map<String, EnumeratorState> STATES = Map.of(
            "enumerator-empty-v3",
            EnumeratorState.EMPTY,
            "enumerator-versions-v3",
            VERSIONS,
            "enumerator-empty-v4",
            EnumeratorState.EMPTY,
            "enumerator-left-v4",
            new EnumeratorState(
                    VERSIONS.capture(),
                    VERSIONS.versions(),
                    Map.of(Samples.table("c").id(), new Position(1, 0x99, 3))),
            "enumerator-empty-v1",
            EnumeratorState.EMPTY,
            "enumerator-snapshotting-v1",
            state(2, Samples.token(9), null, READING, NOT_BEGUN),
            "enumerator-log-returned-v1",
            state(1, null, LOG),
            "enumerator-empty-v2",
            EnumeratorState.EMPTY,
            "enumerator-snapshotting-v2",
            state(2, Samples.token(9), null, READING, NOT_BEGUN),
            "enumerator-resnapshot-v2",
            new EnumeratorState(
                    new Capture(
                            Samples.EPOCH,
                            Samples.token(1),
                            null,
                            3,
                            4,
                            List.of(
                                    new TableProgress(
                                            Samples.table("a"),
                                            3,
                                            "id > 7",
                                            Stage.SWEEPING,
                                            Samples.generation(4).inRun(3),
                                            Samples.generation(1),
                                            "16384:16390",
                                            1,
                                            Samples.range(-1, -1),
                                            true,
                                            List.of(),
                                            12,
                                            11,
                                            List.of(SnapshotOrder.WHOLE, new SnapshotOrder("id < 3"))),
                                    new TableProgress(
                                            Samples.table("b"),
                                            2,
                                            null,
                                            Stage.JOINING,
                                            null,
                                            null,
                                            null,
                                            0,
                                            null,
                                            false,
                                            List.of(),
                                            0,
                                            -1,
                                            List.of())),
                            false,
                            LOG_WITH_SIGNAL,
                            true,
                            Set.of(Samples.table("b").id()),
                            Set.of(Samples.table("c").id()),
                            new AppliedSignals(new Position(1, 0x77, 0), 5, List.of(SIGNAL))),
                    List.of()));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "split-snapshot-v1",
                "split-log-v1",
                "split-finished-v1",
                "split-snapshot-v2",
                "split-log-v2",
                "split-finished-v2",
                "split-snapshot-v3",
                "split-log-v3",
                "split-finished-v3"
            })
    void splits_come_back_from_the_golden_bytes_of_every_version(String name) throws IOException {
        CdcSplit split = Objects.requireNonNull(SPLITS.get(name));
        CdcSplitSerializer serializer = new CdcSplitSerializer();
        assertThat(serializer.deserialize(version(name), HexFormat.of().parseHex(golden(name))))
                .isEqualTo(split);
        if (version(name) == serializer.getVersion()) {
            assertThat(HexFormat.of().formatHex(serializer.serialize(split))).isEqualTo(golden(name));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "enumerator-empty-v1",
                "enumerator-snapshotting-v1",
                "enumerator-log-returned-v1",
                "enumerator-empty-v2",
                "enumerator-snapshotting-v2",
                "enumerator-resnapshot-v2",
                "enumerator-empty-v3",
                "enumerator-versions-v3",
                "enumerator-empty-v4",
                "enumerator-left-v4"
            })
    void the_enumerator_s_states_come_back_from_the_golden_bytes_of_every_version(String name) throws IOException {
        EnumeratorState state = Objects.requireNonNull(STATES.get(name));
        EnumeratorStateSerializer serializer = new EnumeratorStateSerializer();
        assertThat(serializer.deserialize(version(name), HexFormat.of().parseHex(golden(name))))
                .isEqualTo(state);
        if (version(name) == serializer.getVersion()) {
            assertThat(HexFormat.of().formatHex(serializer.serialize(state))).isEqualTo(golden(name));
        }
    }

    private static int version(String name) {
        return name.charAt(name.length() - 1) - '0';
    }

    @Test
    void state_of_a_newer_build_is_refused_with_both_versions() throws IOException {
        byte[] bytes = new CdcSplitSerializer().serialize(LOG);
        assertThatThrownBy(() -> new CdcSplitSerializer().deserialize(4, bytes))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("STATE_UNREADABLE")
                .hasMessageContaining("version 4");
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
            assertThatThrownBy(() -> serializer.deserialize(serializer.getVersion(), prefix))
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
