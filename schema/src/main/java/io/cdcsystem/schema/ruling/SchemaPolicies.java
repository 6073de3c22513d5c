package io.cdcsystem.schema.ruling;

import io.cdcsystem.schema.table.TableId;
import java.io.Serializable;

/** Which policy is which table's. */
@FunctionalInterface
public interface SchemaPolicies extends Serializable {

    /** The table's policy. */
    SchemaPolicy of(TableId table);
}
