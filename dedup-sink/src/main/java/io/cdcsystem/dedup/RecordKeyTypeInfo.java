package io.cdcsystem.dedup;

import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.jspecify.annotations.Nullable;

/** Lets streams be keyed by {@link RecordKey} without generic types. */
public final class RecordKeyTypeInfo extends TypeInformation<RecordKey> {
    private static final long serialVersionUID = 1L;

    @Override
    public boolean isBasicType() {
        return false;
    }

    @Override
    public boolean isTupleType() {
        return false;
    }

    @Override
    public int getArity() {
        return 1;
    }

    @Override
    public int getTotalFields() {
        return 1;
    }

    @Override
    public Class<RecordKey> getTypeClass() {
        return RecordKey.class;
    }

    @Override
    public boolean isKeyType() {
        return true;
    }

    @Override
    public TypeSerializer<RecordKey> createSerializer(SerializerConfig config) {
        return new RecordKeySerializer();
    }

    @Override
    public String toString() {
        return "RecordKey";
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RecordKeyTypeInfo;
    }

    @Override
    public int hashCode() {
        return RecordKeyTypeInfo.class.hashCode();
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof RecordKeyTypeInfo;
    }
}
