package io.cdcsystem.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.position.Generation;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class StateSerializersTest {
    private static final int MAX = Integer.MAX_VALUE;
    private static final Map<String, KeyState> STATES = Map.of(
            "row", new KeyState(-1, 0, 0, 0, 1, 1, false),
            "deleted", new KeyState(0, 0x201A3B4C8L, 3, 742, 0, 0, true),
            "changed-row", new KeyState(1, 0x16B374D848L, 0, 5_000_000_000L, 2, 7, false),
            "swept", new KeyState(-1, 0, 0, 0, 2, 3, true),
            "largest", new KeyState(MAX, -1, MAX, Long.MAX_VALUE, MAX, MAX, true));
    private static final Map<String, RecordKey> KEYS = Map.of(
            "keyed", new RecordKey("shop.public.orders", new byte[] {0, 1, 2, -1}),
            "keyless", new RecordKey("shop.public.orders", null),
            "empty", new RecordKey("shop.public.orders", new byte[0]));

    @Test
    void key_states_are_written_and_read_as_ever() throws IOException {
        assertGolden("key-state-v1.hex", new KeyStateSerializer(), STATES);
    }

    @Test
    void record_keys_are_written_and_read_as_ever() throws IOException {
        assertGolden("record-key-v1.hex", new RecordKeySerializer(), KEYS);
    }

    private static <T> void assertGolden(String file, TypeSerializer<T> serializer, Map<String, T> values)
            throws IOException {
        Map<String, byte[]> golden = Golden.read(file);
        assertThat(golden).containsOnlyKeys(values.keySet());
        for (Map.Entry<String, T> entry : values.entrySet()) {
            byte[] bytes = Objects.requireNonNull(golden.get(entry.getKey()));
            assertThat(Golden.write(serializer, entry.getValue()))
                    .as(entry.getKey())
                    .isEqualTo(bytes);
            assertThat(Golden.read(serializer, bytes)).as(entry.getKey()).isEqualTo(entry.getValue());
        }
    }

    @Test
    void row_that_never_changed_takes_three_bytes() throws IOException {
        assertThat(Golden.write(new KeyStateSerializer(), Objects.requireNonNull(STATES.get("row"))))
                .hasSize(3);
    }

    @Test
    void states_of_a_newer_layout_and_damaged_ones_are_refused() {
        for (String hex : new String[] {"240101", "1c0101", "1100ffffffffffffffffffffff"}) {
            assertThatThrownBy(() ->
                            Golden.read(new KeyStateSerializer(), HexFormat.of().parseHex(hex)))
                    .as(hex)
                    .isInstanceOf(CdcException.class)
                    .hasMessageContaining("STATE_UNREADABLE");
        }
    }

    @Test
    void generations_keep_all_their_parts() throws IOException {
        Generation generation = Events.generation(3, 2, 5, "10:40:11,30");
        GenerationSerializer serializer = new GenerationSerializer();
        assertThat(Golden.read(serializer, Golden.write(serializer, generation)))
                .isEqualTo(generation);
    }

    @Test
    void hash_of_keys_never_changes() {
        // Key groups go by it: another value would lose stored state.
        assertThat(KEYS.get("keyed"))
                .isNotNull()
                .extracting(RecordKey::hashCode)
                .isEqualTo(31 * "shop.public.orders".hashCode() + 924_543);
        assertThat(KEYS.get("keyless"))
                .isNotNull()
                .extracting(RecordKey::hashCode)
                .isEqualTo(31 * "shop.public.orders".hashCode());
    }

    @Test
    void keys_equal_by_content() {
        assertThat(new RecordKey("t", new byte[] {1})).isEqualTo(new RecordKey("t", new byte[] {1}));
        assertThat(new RecordKey("t", new byte[] {1}))
                .isNotEqualTo(new RecordKey("t", new byte[] {2}))
                .isNotEqualTo(new RecordKey("u", new byte[] {1}))
                .isNotEqualTo(new RecordKey("t", null));
        assertThat(new RecordKey("t", null)).isNotEqualTo(new RecordKey("t", new byte[0]));
    }

    @Test
    void serializers_find_themselves_again_from_their_snapshots() throws IOException {
        assertRestores(new KeyStateSerializer());
        assertRestores(new RecordKeySerializer());
        assertRestores(new GenerationSerializer());
    }

    private static <T> void assertRestores(TypeSerializer<T> serializer) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());
        TypeSerializerSnapshot<T> snapshot = TypeSerializerSnapshot.readVersionedSnapshot(
                new DataInputDeserializer(out.getCopyOfBuffer()), StateSerializersTest.class.getClassLoader());
        assertThat(snapshot.restoreSerializer()).isEqualTo(serializer);
        assertThat(serializer
                        .snapshotConfiguration()
                        .resolveSchemaCompatibility(snapshot)
                        .isCompatibleAsIs())
                .isTrue();
    }
}
