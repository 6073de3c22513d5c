package io.cdcsystem.source.postgres.pgoutput;

import java.util.List;

/**
 * What a table looks like from here on.
 *
 * @param oid the table's oid, unsigned
 * @param namespace its schema
 * @param name its name
 * @param identity the replica identity: {@code d}efault, {@code n}othing, {@code f}ull, {@code i}ndex
 * @param columns the published columns in order
 */
public record RelationMessage(int oid, String namespace, String name, char identity, List<Column> columns) {

    /** Copies the columns. */
    public RelationMessage {
        columns = List.copyOf(columns);
    }

    /**
     * A published column.
     *
     * @param key whether it is part of the replica identity
     * @param name its name
     * @param typeOid its type's oid, unsigned
     * @param typmod its type's modifier, -1 for none
     */
    public record Column(boolean key, String name, int typeOid, int typmod) {}
}
