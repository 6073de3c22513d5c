package io.cdcsystem.source.split;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.serde.VocabularyCodec;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.signal.LogSignal;
import io.cdcsystem.source.signal.Signal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of splits and of the values in them, shared by the readers' and the enumerator's state. Stateless.
 *
 * <p>Objects whose layout has grown are told which one to read by the version that the serializer stored.
 */
public final class SplitCodec {
    private SplitCodec() {}

    /** Writes one object; what a serializer hands out. */
    @FunctionalInterface
    public interface Writing {
        /** Writes it. */
        void to(DataOutput out) throws IOException;
    }

    /** Reads one object. */
    @FunctionalInterface
    public interface Reading<T> {
        /** Reads it. */
        T from(DataInput in) throws IOException;
    }

    /** The bytes that {@code writing} writes. */
    public static byte[] bytes(Writing writing) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        writing.to(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    /** Reads all of {@code bytes}; anything wrong with them is STATE_UNREADABLE. */
    public static <T> T object(String what, int newest, int version, byte[] bytes, Reading<T> reading) {
        if (version < 1 || version > newest) {
            throw unreadable(
                    what,
                    "it has version " + version + ", this build reads 1 to " + newest
                            + "; start the build that wrote it, or a newer one",
                    null);
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        try {
            T object = reading.from(in);
            if (in.available() > 0) {
                throw unreadable(what, in.available() + " bytes too many; " + RESTORE, null);
            }
            return object;
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(what, "it is damaged (" + e + "); " + RESTORE, e);
        }
    }

    private static final String RESTORE = "restore an older checkpoint";

    private static CdcException unreadable(String what, String why, @Nullable Throwable cause) {
        return new CdcException(ErrorCode.STATE_UNREADABLE, "stored " + what + " cannot be read: " + why, cause);
    }

    /** Writes an epoch. */
    public static void writeEpoch(SourceEpoch epoch, DataOutput out) throws IOException {
        out.writeInt(epoch.number());
        writeText(epoch.identity(), out);
    }

    /** Reads an epoch. */
    public static SourceEpoch readEpoch(DataInput in) throws IOException {
        return new SourceEpoch(in.readInt(), readText(in));
    }

    /** Writes a token, or that there is none. */
    public static void writeToken(@Nullable ResumeToken token, DataOutput out) throws IOException {
        writeBytes(token == null ? null : token.toByteArray(), out);
    }

    /** Reads a token that must be there. */
    public static ResumeToken readToken(DataInput in) throws IOException {
        ResumeToken token = readOptionalToken(in);
        if (token == null) {
            throw new IOException("no resume token");
        }
        return token;
    }

    /** Reads a token; null where none was written. */
    public static @Nullable ResumeToken readOptionalToken(DataInput in) throws IOException {
        byte[] bytes = readBytes(in);
        return bytes == null ? null : new ResumeToken(bytes);
    }

    /** Writes a generation, or that there is none. */
    public static void writeGeneration(@Nullable Generation generation, DataOutput out) throws IOException {
        out.writeBoolean(generation != null);
        if (generation != null) {
            VocabularyCodec.writeGeneration(generation, out);
        }
    }

    /** Reads a generation; null where none was written. */
    public static @Nullable Generation readGeneration(DataInput in) throws IOException {
        return in.readBoolean() ? VocabularyCodec.readGeneration(in) : null;
    }

    /** Writes a range. */
    public static void writeRange(ChunkRange range, DataOutput out) throws IOException {
        writeBound(range.from(), out);
        writeBound(range.to(), out);
    }

    /** Reads a range. */
    public static ChunkRange readRange(DataInput in) throws IOException {
        return new ChunkRange(readBound(in), readBound(in));
    }

    /** Writes a log split. */
    public static void writeLog(LogSplit split, DataOutput out) throws IOException {
        writeEpoch(split.epoch(), out);
        writeToken(split.boundary(), out);
        out.writeLong(split.changesAfter());
        out.writeInt(split.tables().size());
        for (CapturedTable table : split.tables()) {
            VocabularyCodec.writeTableSchema(table.schema(), out);
            writeGeneration(table.oldestGeneration(), out);
        }
        out.writeInt(split.signals().size());
        for (LogSignal signal : split.signals()) {
            VocabularyCodec.writePosition(signal.position(), out);
            writeSignal(signal.signal(), out);
        }
        writeToken(split.end(), out);
        writeHandedOver(split.handedOver(), out);
    }

    /**
     * Reads a log split.
     *
     * @param version of the serializer that wrote it: 2 added the signals, 3 what was handed over while tables waited
     */
    public static LogSplit readLog(int version, DataInput in) throws IOException {
        SourceEpoch epoch = readEpoch(in);
        ResumeToken boundary = readToken(in);
        long changesAfter = in.readLong();
        int count = in.readInt();
        List<CapturedTable> tables = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tables.add(new CapturedTable(VocabularyCodec.readTableSchema(in), readGeneration(in)));
        }
        int signalCount = version < 2 ? 0 : in.readInt();
        List<LogSignal> signals = new ArrayList<>();
        for (int i = 0; i < signalCount; i++) {
            signals.add(new LogSignal(VocabularyCodec.readPosition(in), readSignal(in)));
        }
        ResumeToken end = readOptionalToken(in);
        HandedOver handedOver = version < 3 ? null : readHandedOver(in);
        return new LogSplit(epoch, boundary, changesAfter, tables, signals, end, handedOver);
    }

    private static void writeHandedOver(@Nullable HandedOver handedOver, DataOutput out) throws IOException {
        out.writeBoolean(handedOver != null);
        if (handedOver != null) {
            VocabularyCodec.writePosition(handedOver.before(), out);
            out.writeInt(handedOver.waiting().size());
            for (Map.Entry<TableId, Position> table : handedOver.waiting().entrySet()) {
                VocabularyCodec.writeTableId(table.getKey(), out);
                VocabularyCodec.writePosition(table.getValue(), out);
            }
        }
    }

    private static @Nullable HandedOver readHandedOver(DataInput in) throws IOException {
        if (!in.readBoolean()) {
            return null;
        }
        Position before = VocabularyCodec.readPosition(in);
        int count = in.readInt();
        Map<TableId, Position> waiting = new HashMap<>();
        for (int i = 0; i < count; i++) {
            waiting.put(VocabularyCodec.readTableId(in), VocabularyCodec.readPosition(in));
        }
        return new HandedOver(before, waiting);
    }

    /** Writes a signal. */
    public static void writeSignal(Signal signal, DataOutput out) throws IOException {
        writeText(signal.id(), out);
        writeText(signal.type(), out);
        writeText(signal.data(), out);
    }

    /** Reads a signal. */
    public static Signal readSignal(DataInput in) throws IOException {
        return new Signal(readText(in), readText(in), readText(in));
    }

    static void writeText(String text, DataOutput out) throws IOException {
        writeBytes(text.getBytes(StandardCharsets.UTF_8), out);
    }

    static String readText(DataInput in) throws IOException {
        byte[] bytes = readBytes(in);
        if (bytes == null) {
            throw new IOException("no text");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Writes a text, or that there is none. */
    public static void writeOptionalText(@Nullable String text, DataOutput out) throws IOException {
        writeBytes(text == null ? null : text.getBytes(StandardCharsets.UTF_8), out);
    }

    /** Reads a text; null where none was written. */
    public static @Nullable String readOptionalText(DataInput in) throws IOException {
        byte[] bytes = readBytes(in);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private static void writeBound(@Nullable List<String> bound, DataOutput out) throws IOException {
        out.writeInt(bound == null ? -1 : bound.size());
        if (bound != null) {
            for (String value : bound) {
                writeText(value, out);
            }
        }
    }

    private static @Nullable List<String> readBound(DataInput in) throws IOException {
        int count = in.readInt();
        if (count < 0) {
            return null;
        }
        List<String> bound = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            bound.add(readText(in));
        }
        return bound;
    }

    /** Length first, -1 for none: the text of a bound may exceed what {@code writeUTF} allows. */
    private static void writeBytes(byte @Nullable [] bytes, DataOutput out) throws IOException {
        out.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) {
            out.write(bytes);
        }
    }

    private static byte @Nullable [] readBytes(DataInput in) throws IOException {
        int length = in.readInt();
        if (length < 0) {
            return null;
        }
        // The state may be damaged: never trust a length with an allocation that the bytes at hand do not back.
        if (in instanceof DataInputStream stream && length > stream.available()) {
            throw new IOException("a length of " + length + " reaches beyond the end");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }
}
