package io.cdcsystem.schema.event;

/** What happened to a row; the codes are Debezium's. */
public enum Op {
    /** Read by a snapshot. */
    READ("r"),
    /** Inserted. */
    CREATE("c"),
    /** Updated. */
    UPDATE("u"),
    /** Deleted. */
    DELETE("d"),
    /** The whole table was truncated. */
    TRUNCATE("t");

    private final String code;

    Op(String code) {
        this.code = code;
    }

    /** The value of the envelope's {@code op} field. */
    public String code() {
        return code;
    }
}
