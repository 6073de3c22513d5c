package io.cdcsystem.source.postgres.pgoutput;

import java.util.ArrayList;
import java.util.List;

/** Decodes pgoutput messages of protocol version 1. Belongs to one thread. */
public final class PgOutputDecoder {
    /** Microseconds from 1970-01-01 to 2000-01-01, where PostgreSQL's clock begins. */
    private static final long EPOCH_MICROS = 946_684_800_000_000L;

    private static final int KEY_FLAG = 1;
    private static final int CASCADE_FLAG = 1;
    private static final int RESTART_IDENTITY_FLAG = 2;

    private final WireCursor cursor = new WireCursor();
    private final TupleView before = new TupleView();
    private final TupleView after = new TupleView();

    /** Decodes one whole message and hands it over. */
    public void decode(byte[] message, int offset, int length, PgOutputHandler handler) {
        cursor.wrap(message, offset, length);
        byte tag = cursor.readByte("message tag");
        switch (tag) {
            case 'I' -> insert(handler);
            case 'U' -> update(handler);
            case 'D' -> delete(handler);
            case 'B' -> begin(handler);
            case 'C' -> commit(handler);
            case 'R' -> relation(handler);
            case 'Y' -> type(handler);
            case 'O' -> origin(handler);
            case 'M' -> message(handler);
            case 'T' -> truncate(handler);
            default -> throw cursor.violation("has an unknown tag");
        }
    }

    private void begin(PgOutputHandler handler) {
        long finalLsn = cursor.readLong("final LSN");
        long micros = cursor.readLong("commit time");
        int xid = cursor.readInt("transaction id");
        cursor.requireEnd();
        handler.begin(finalLsn, micros + EPOCH_MICROS, xid);
    }

    private void commit(PgOutputHandler handler) {
        cursor.readByte("flags");
        long commitLsn = cursor.readLong("commit LSN");
        long endLsn = cursor.readLong("end LSN");
        long micros = cursor.readLong("commit time");
        cursor.requireEnd();
        handler.commit(commitLsn, endLsn, micros + EPOCH_MICROS);
    }

    private void relation(PgOutputHandler handler) {
        int oid = cursor.readInt("relation id");
        String namespace = cursor.readString("namespace");
        String name = cursor.readString("relation name");
        char identity = (char) cursor.readByte("replica identity");
        int count = cursor.readCount("column count");
        List<RelationMessage.Column> columns = new ArrayList<>(Math.min(count, cursor.remaining()));
        for (int i = 0; i < count; i++) {
            int flags = cursor.readByte("column flags");
            columns.add(new RelationMessage.Column(
                    (flags & KEY_FLAG) != 0,
                    cursor.readString("column name"),
                    cursor.readInt("column type"),
                    cursor.readInt("column type modifier")));
        }
        cursor.requireEnd();
        // pg_catalog is abbreviated to nothing.
        handler.relation(
                new RelationMessage(oid, namespace.isEmpty() ? "pg_catalog" : namespace, name, identity, columns));
    }

    private void type(PgOutputHandler handler) {
        int oid = cursor.readInt("type id");
        String namespace = cursor.readString("namespace");
        String name = cursor.readString("type name");
        cursor.requireEnd();
        handler.type(oid, namespace, name);
    }

    private void origin(PgOutputHandler handler) {
        long lsn = cursor.readLong("origin LSN");
        String name = cursor.readString("origin name");
        cursor.requireEnd();
        handler.origin(lsn, name);
    }

    private void message(PgOutputHandler handler) {
        boolean transactional = (cursor.readByte("flags") & 1) != 0;
        long lsn = cursor.readLong("message LSN");
        String prefix = cursor.readString("prefix");
        int length = cursor.readInt("content length");
        int from = cursor.skip(length, "content");
        cursor.requireEnd();
        handler.message(transactional, lsn, prefix, cursor.array(), from, length);
    }

    private void insert(PgOutputHandler handler) {
        int relation = cursor.readInt("relation id");
        expect('N', cursor.readByte("tuple kind"));
        after.read(cursor);
        cursor.requireEnd();
        handler.insert(relation, after);
    }

    private void update(PgOutputHandler handler) {
        int relation = cursor.readInt("relation id");
        byte kind = cursor.readByte("tuple kind");
        boolean old = kind == 'K' || kind == 'O';
        if (old) {
            before.read(cursor);
            expect('N', cursor.readByte("tuple kind"));
        } else {
            expect('N', kind);
        }
        after.read(cursor);
        cursor.requireEnd();
        handler.update(relation, old ? before : null, kind == 'K', after);
    }

    private void delete(PgOutputHandler handler) {
        int relation = cursor.readInt("relation id");
        byte kind = cursor.readByte("tuple kind");
        if (kind != 'K') {
            expect('O', kind);
        }
        before.read(cursor);
        cursor.requireEnd();
        handler.delete(relation, before, kind == 'K');
    }

    private void truncate(PgOutputHandler handler) {
        int count = cursor.readInt("relation count");
        int flags = cursor.readByte("flags");
        if (count < 0 || (long) count * Integer.BYTES != cursor.remaining()) {
            throw cursor.violation("claims " + count + " relations");
        }
        int[] relations = new int[count];
        for (int i = 0; i < count; i++) {
            relations[i] = cursor.readInt("relation id");
        }
        handler.truncate(relations, (flags & CASCADE_FLAG) != 0, (flags & RESTART_IDENTITY_FLAG) != 0);
    }

    private void expect(char wanted, byte kind) {
        if (kind != wanted) {
            throw cursor.violation("has tuple kind '" + (char) (kind & 0xFF) + "' instead of '" + wanted + "'");
        }
    }
}
