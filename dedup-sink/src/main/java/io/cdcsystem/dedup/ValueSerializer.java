package io.cdcsystem.dedup;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/** What the serializers of immutable, configuration-free values share. */
abstract class ValueSerializer<T> extends TypeSerializer<T> {
    private static final long serialVersionUID = 1L;

    @Override
    public final boolean isImmutableType() {
        return true;
    }

    @Override
    public final TypeSerializer<T> duplicate() {
        return this;
    }

    @Override
    public final T copy(T from) {
        return from;
    }

    @Override
    public final T copy(T from, T reuse) {
        return from;
    }

    @Override
    public final void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    public final T deserialize(T reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public final int getLength() {
        return -1;
    }

    // Without configuration, serializers of one class are equal, and those of different classes are not.
    @Override
    @SuppressWarnings("EqualsGetClass")
    public final boolean equals(@Nullable Object other) {
        return other != null && other.getClass() == getClass();
    }

    @Override
    public final int hashCode() {
        return getClass().hashCode();
    }

    /** Stored beside state: the layout's version is all there is to know. */
    abstract static class Snapshot<T> implements TypeSerializerSnapshot<T> {
        private static final int VERSION = 1;

        @Override
        public final int getCurrentVersion() {
            return VERSION;
        }

        @Override
        public final void writeSnapshot(DataOutputView out) {
            // The version, which Flink writes, says it all.
        }

        @Override
        public final void readSnapshot(int readVersion, DataInputView in, ClassLoader classLoader) {
            if (readVersion < 1 || readVersion > VERSION) {
                throw new CdcException(
                        ErrorCode.STATE_UNREADABLE,
                        "state of " + getClass().getName() + " has layout " + readVersion + ", this build reads up to "
                                + VERSION + ": run the build that wrote it, or a newer one");
            }
        }

        @Override
        public final TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(TypeSerializerSnapshot<T> old) {
            return old.getClass() == getClass()
                    ? TypeSerializerSchemaCompatibility.compatibleAsIs()
                    : TypeSerializerSchemaCompatibility.incompatible();
        }
    }
}
