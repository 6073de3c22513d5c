package io.cdcsystem.schema.event.serde;

import org.apache.flink.api.common.typeinfo.TypeInformation;

/** The type information of values that only their serializer looks into: one field, all of a class equal. */
public abstract class OpaqueTypeInfo<T> extends TypeInformation<T> {
    private static final long serialVersionUID = 1L;

    private final Class<T> type;
    private final boolean key;

    /** Of that class; {@code key} where streams may be keyed by it. */
    protected OpaqueTypeInfo(Class<T> type, boolean key) {
        this.type = type;
        this.key = key;
    }

    @Override
    public final boolean isBasicType() {
        return false;
    }

    @Override
    public final boolean isTupleType() {
        return false;
    }

    @Override
    public final int getArity() {
        return 1;
    }

    @Override
    public final int getTotalFields() {
        return 1;
    }

    @Override
    public final Class<T> getTypeClass() {
        return type;
    }

    @Override
    public final boolean isKeyType() {
        return key;
    }

    @Override
    public final String toString() {
        return type.getSimpleName();
    }

    @Override
    public final boolean canEqual(Object other) {
        return other instanceof OpaqueTypeInfo;
    }

    @Override
    public final boolean equals(Object other) {
        return other instanceof OpaqueTypeInfo<?> that && that.type == type;
    }

    @Override
    public final int hashCode() {
        return type.hashCode();
    }
}
