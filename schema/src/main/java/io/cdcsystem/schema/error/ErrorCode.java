package io.cdcsystem.schema.error;

/**
 * Every way the system can refuse to go on, by who can mend it.
 *
 * <p>The name is stable: it appears in logs, in {@code --json} output and in the runbook.
 */
public enum ErrorCode {
    /** The pipeline file is wrong; nothing was started. */
    CONFIG_INVALID(Kind.MISCONFIGURED),
    /** The database refused the connection or the credentials. */
    DATABASE_UNREACHABLE(Kind.TRANSIENT),
    /** The role lacks a privilege that the configured work needs. */
    PRIVILEGE_MISSING(Kind.MISCONFIGURED),
    /** A server setting makes capture impossible. */
    SETTING_UNUSABLE(Kind.MISCONFIGURED),
    /** The replication slot is missing, taken, invalidated or of another plugin. */
    SLOT_UNUSABLE(Kind.DEFINITE),
    /** The publication is missing or lacks configured tables. */
    PUBLICATION_UNUSABLE(Kind.MISCONFIGURED),
    /** No captured table matches, or a captured table is gone. */
    TABLE_MISSING(Kind.MISCONFIGURED),
    /** The stored position is not on this server any more: reading on would leave a gap. */
    POSITION_LOST(Kind.DEFINITE),
    /** Bytes from the server that the protocol does not allow. */
    PROTOCOL_VIOLATION(Kind.DEFINITE),
    /** A value that cannot be represented without inventing something. */
    VALUE_UNREPRESENTABLE(Kind.DEFINITE),
    /** A snapshot chunk could not be read; a new attempt may. */
    SNAPSHOT_FAILED(Kind.TRANSIENT),
    /** A condition on a table's rows is not one that the database accepts. */
    CONDITION_REJECTED(Kind.MISCONFIGURED),
    /** The stream broke; a new connection may mend it. */
    STREAM_FAILED(Kind.TRANSIENT),
    /** Stored state was written by a newer build, or is damaged. */
    STATE_UNREADABLE(Kind.DEFINITE),
    /** The schema registry does not answer. */
    REGISTRY_UNREACHABLE(Kind.TRANSIENT),
    /** The schema registry refused a schema. */
    SCHEMA_REJECTED(Kind.DEFINITE),
    /** Kafka does not answer, or refused the work. */
    KAFKA_UNREACHABLE(Kind.TRANSIENT),
    /** A Kafka setting makes the configured delivery impossible. */
    KAFKA_UNUSABLE(Kind.MISCONFIGURED),
    /** Records were written with a schema that the consumer's reader schema cannot be resolved from. */
    READER_INCOMPATIBLE(Kind.DEFINITE);

    /** Who or what can mend an error. */
    public enum Kind {
        /** Passes by itself: retried by Flink's restart strategy. */
        TRANSIENT,
        /** Stays until the data or the server changes. */
        DEFINITE,
        /** Stays until the operator changes a setting. */
        MISCONFIGURED
    }

    private final Kind kind;

    ErrorCode(Kind kind) {
        this.kind = kind;
    }

    /** Who or what can mend it. */
    public Kind kind() {
        return kind;
    }
}
