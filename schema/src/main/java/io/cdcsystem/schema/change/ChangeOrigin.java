package io.cdcsystem.schema.change;

/** How a change of a table's definition became known. */
public enum ChangeOrigin {
    /** The log holds the statement, or the definition it led to, at its exact place. */
    DDL,
    /** Rows came in another form, or a look at the catalog found the table gone: what happened in between is a guess. */
    INFERRED,
    /** The table is captured from here on: its definition as the snapshot found it. */
    SNAPSHOT
}
