package io.cdcsystem.schema.event.serde;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** A snapshot that is nothing but its version: an event's layout has no parameters. */
abstract class EventSerializerSnapshot<T> implements TypeSerializerSnapshot<T> {
    private final String what;
    private final int currentVersion;

    EventSerializerSnapshot(String what, int currentVersion) {
        this.what = what;
        this.currentVersion = currentVersion;
    }

    @Override
    public final int getCurrentVersion() {
        return currentVersion;
    }

    @Override
    public final void writeSnapshot(DataOutputView out) {
        // The version, which Flink writes, is all.
    }

    @Override
    public final void readSnapshot(int readVersion, DataInputView in, ClassLoader userCodeClassLoader) {
        if (readVersion < 1 || readVersion > currentVersion) {
            throw new CdcException(
                    ErrorCode.STATE_UNREADABLE,
                    what + " are stored in layout " + readVersion + ", this build reads up to " + currentVersion
                            + ": run the build that wrote them, or a newer one");
        }
    }

    @Override
    public final TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(TypeSerializerSnapshot<T> old) {
        return old.getClass() == getClass()
                ? TypeSerializerSchemaCompatibility.compatibleAsIs()
                : TypeSerializerSchemaCompatibility.incompatible();
    }
}
