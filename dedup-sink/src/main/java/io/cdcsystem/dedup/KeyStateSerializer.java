package io.cdcsystem.dedup;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.serde.Varint;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A {@link KeyState} as bytes: 3 for a row read and never changed, usually 10 to 17 otherwise, 40 at most (behind them
 * Flink's 8-byte time stamp of the retention).
 *
 * <pre>
 *   head        version in the high four bits; flags: 1 log event, 2 deleted, 4 row read
 *   if 1        epoch, commit, ordinal, transactionId   (LEB128)
 *   if 4        run, generation                         (LEB128)
 * </pre>
 */
public final class KeyStateSerializer extends ValueSerializer<KeyState> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 1;
    private static final int VERSION_SHIFT = 4;
    private static final int LOG = 1;
    private static final int DELETED = 2;
    private static final int ROW = 4;
    private static final int KNOWN_FLAGS = LOG | DELETED | ROW;

    @Override
    public KeyState createInstance() {
        return new KeyState(0, 0, 0, 0, 0, 0, false);
    }

    @Override
    public void serialize(KeyState state, DataOutputView out) throws IOException {
        int flags = (state.hasLog() ? LOG : 0) | (state.deleted() ? DELETED : 0) | (state.hasRow() ? ROW : 0);
        out.writeByte((VERSION << VERSION_SHIFT) | flags);
        if (state.hasLog()) {
            Varint.write(state.epoch(), out);
            Varint.write(state.commit(), out);
            Varint.write(state.ordinal(), out);
            Varint.write(state.transactionId(), out);
        }
        if (state.hasRow()) {
            Varint.write(state.run(), out);
            Varint.write(state.generation(), out);
        }
    }

    @Override
    public KeyState deserialize(DataInputView in) throws IOException {
        int head = in.readUnsignedByte();
        int flags = head & ((1 << VERSION_SHIFT) - 1);
        if (head >>> VERSION_SHIFT != VERSION || (flags & ~KNOWN_FLAGS) != 0) {
            throw new CdcException(
                    ErrorCode.STATE_UNREADABLE,
                    "a key's deduplication state begins with 0x" + Integer.toHexString(head)
                            + ", this build reads layout " + VERSION
                            + ": run the build that wrote it, or start from an older checkpoint");
        }
        boolean log = (flags & LOG) != 0;
        int epoch = log ? Varint.readInt(in) : -1;
        long commit = log ? Varint.read(in) : 0;
        int ordinal = log ? Varint.readInt(in) : 0;
        long transactionId = log ? Varint.read(in) : 0;
        boolean row = (flags & ROW) != 0;
        int run = row ? Varint.readInt(in) : 0;
        int generation = row ? Varint.readInt(in) : 0;
        return new KeyState(epoch, commit, ordinal, transactionId, run, generation, (flags & DELETED) != 0);
    }

    @Override
    public TypeSerializerSnapshot<KeyState> snapshotConfiguration() {
        return new StateSnapshot();
    }

    /** Stored beside keyed state. */
    public static final class StateSnapshot extends Snapshot<KeyState> {
        @Override
        public TypeSerializer<KeyState> restoreSerializer() {
            return new KeyStateSerializer();
        }
    }
}
