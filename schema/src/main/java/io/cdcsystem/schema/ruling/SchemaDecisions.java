package io.cdcsystem.schema.ruling;

import java.util.Optional;

/** What people decided, all of it since the pipeline's first day. One thread at a time, but for {@code close}. */
public interface SchemaDecisions extends AutoCloseable {

    /**
     * The last decision on a version; of those that stand there by now none is missed.
     *
     * @throws io.cdcsystem.schema.error.CdcException {@code KAFKA_UNREACHABLE} when they cannot be read now
     */
    Optional<SchemaDecision> on(String table, String fingerprint);

    @Override
    void close();
}
