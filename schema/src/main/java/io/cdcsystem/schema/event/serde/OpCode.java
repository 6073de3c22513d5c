package io.cdcsystem.schema.event.serde;

import io.cdcsystem.schema.event.ChangeEvent.KeyLink;
import io.cdcsystem.schema.event.Op;

/** The stored numbers of operations and key links: fixed for ever, whatever order the enums have. */
final class OpCode {
    /** Stands where an operation stands: a table's snapshot run is complete. */
    static final int SNAPSHOT_COMPLETED = 5;
    /** Stands where an operation stands: a table's version is admitted. */
    static final int VERSION_ADMITTED = 6;

    private OpCode() {}

    static int of(Op op) {
        return switch (op) {
            case READ -> 0;
            case CREATE -> 1;
            case UPDATE -> 2;
            case DELETE -> 3;
            case TRUNCATE -> 4;
        };
    }

    static Op op(int code) {
        return switch (code) {
            case 0 -> Op.READ;
            case 1 -> Op.CREATE;
            case 2 -> Op.UPDATE;
            case 3 -> Op.DELETE;
            case 4 -> Op.TRUNCATE;
            default -> throw Wire.damaged("an event has the unknown operation " + code);
        };
    }

    static int of(KeyLink link) {
        return switch (link) {
            case NONE -> 0;
            case NEW_KEY -> 1;
            case OLD_KEY -> 2;
        };
    }

    static KeyLink link(int code) {
        return switch (code) {
            case 0 -> KeyLink.NONE;
            case 1 -> KeyLink.NEW_KEY;
            case 2 -> KeyLink.OLD_KEY;
            default -> throw Wire.damaged("an event has the unknown key link " + code);
        };
    }
}
