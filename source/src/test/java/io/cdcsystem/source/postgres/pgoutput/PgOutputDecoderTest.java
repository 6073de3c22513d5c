package io.cdcsystem.source.postgres.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("L2")
class PgOutputDecoderTest {

    /** Each line of the golden file: {@code what the handler hears = hex of the message}. */
    private static Map<String, byte[]> golden() throws IOException {
        Map<String, byte[]> messages = new LinkedHashMap<>();
        try (InputStream in = Objects.requireNonNull(
                PgOutputDecoderTest.class.getResourceAsStream("/golden/pgoutput-messages.hex"))) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                int equals = line.lastIndexOf('=');
                messages.put(
                        line.substring(0, equals).trim(),
                        HexFormat.of().parseHex(line.substring(equals + 1).replace(" ", "")));
            }
        }
        return messages;
    }

    private static String decode(byte[] message) {
        Transcript transcript = new Transcript();
        byte[] padded = new byte[message.length + 5];
        Arrays.fill(padded, (byte) 0x7F);
        System.arraycopy(message, 0, padded, 3, message.length);
        new PgOutputDecoder().decode(padded, 3, message.length, transcript);
        return transcript.heard;
    }

    @Test
    void every_message_is_heard_as_it_was_sent() throws IOException {
        Map<String, byte[]> messages = golden();
        assertThat(messages).hasSize(13);
        messages.forEach((heard, bytes) -> assertThat(decode(bytes)).isEqualTo(heard));
    }

    @Test
    void a_message_cut_anywhere_is_a_protocol_violation() throws IOException {
        for (Map.Entry<String, byte[]> message : golden().entrySet()) {
            for (int length = 0; length < message.getValue().length; length++) {
                byte[] cut = Arrays.copyOf(message.getValue(), length);
                assertThatThrownBy(() -> decode(cut))
                        .as("%s cut to %s bytes", message.getKey(), length)
                        .isInstanceOf(CdcException.class)
                        .hasMessageStartingWith("PROTOCOL_VIOLATION: pgoutput");
            }
        }
    }

    @Test
    void a_message_with_bytes_behind_it_is_a_protocol_violation() throws IOException {
        for (Map.Entry<String, byte[]> message : golden().entrySet()) {
            byte[] longer = Arrays.copyOf(message.getValue(), message.getValue().length + 1);
            assertThatThrownBy(() -> decode(longer))
                    .as(message.getKey())
                    .isInstanceOf(CdcException.class)
                    .hasMessageContaining("PROTOCOL_VIOLATION");
        }
    }

    @Test
    void an_unknown_tag_and_an_unknown_column_format_are_named() {
        assertThatThrownBy(() -> decode(new byte[] {'Z', 1}))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("message 'Z'")
                .hasMessageContaining("unknown tag");
        assertThatThrownBy(() -> decode(HexFormat.of().parseHex("49000000014e000178")))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("column format 120");
        assertThatThrownBy(() -> decode(HexFormat.of().parseHex("49000000014e000174ffffffff")))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("length of -1");
    }

    private static final class Transcript implements PgOutputHandler {
        private String heard = "";

        private static String tuple(@Nullable TupleView tuple) {
            if (tuple == null) {
                return "none";
            }
            List<String> columns = new ArrayList<>();
            for (int i = 0; i < tuple.columns(); i++) {
                char format = (char) tuple.format(i);
                columns.add(
                        switch (tuple.format(i)) {
                            case TupleView.NULL, TupleView.UNCHANGED -> String.valueOf(format);
                            default ->
                                format
                                        + HexFormat.of()
                                                .formatHex(
                                                        tuple.array(),
                                                        tuple.offset(i),
                                                        tuple.offset(i) + tuple.length(i));
                        });
            }
            return columns.toString();
        }

        @Override
        public void begin(long finalLsn, long commitMicros, int xid) {
            heard = "begin " + Long.toHexString(finalLsn) + " " + commitMicros + " " + Integer.toUnsignedString(xid);
        }

        @Override
        public void commit(long commitLsn, long endLsn, long commitMicros) {
            heard = "commit " + Long.toHexString(commitLsn) + " " + Long.toHexString(endLsn) + " " + commitMicros;
        }

        @Override
        public void relation(RelationMessage relation) {
            heard = relation.toString();
        }

        @Override
        public void type(int oid, String namespace, String name) {
            heard = "type " + oid + " " + namespace + " " + name;
        }

        @Override
        public void origin(long lsn, String name) {
            heard = "origin " + lsn + " " + name;
        }

        @Override
        public void message(boolean transactional, long lsn, String prefix, byte[] array, int offset, int length) {
            heard = "message " + transactional + " " + lsn + " " + prefix + " "
                    + HexFormat.of().formatHex(array, offset, offset + length);
        }

        @Override
        public void insert(int relation, TupleView after) {
            heard = "insert " + relation + " " + tuple(after);
        }

        @Override
        public void update(int relation, @Nullable TupleView before, boolean keyOnly, TupleView after) {
            heard = "update " + relation + " " + tuple(before) + " " + keyOnly + " " + tuple(after);
        }

        @Override
        public void delete(int relation, TupleView before, boolean keyOnly) {
            heard = "delete " + relation + " " + tuple(before) + " " + keyOnly;
        }

        @Override
        public void truncate(int[] relations, boolean cascade, boolean restartIdentity) {
            heard = "truncate " + Arrays.toString(relations) + " " + cascade + " " + restartIdentity;
        }
    }
}
