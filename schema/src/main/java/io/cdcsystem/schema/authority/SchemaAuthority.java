package io.cdcsystem.schema.authority;

/**
 * Rules on every version of every table before events of it are published: compares it with what was published before,
 * registers it, and sees to it that its notice is in the notices' topic.
 *
 * <p>Asked by one thread at a time, which it may block while registry or Kafka are slow. Asking again is harmless: what was
 * registered and noticed keeps its ids and is not noticed twice by the same authority.
 */
public interface SchemaAuthority extends AutoCloseable {

    /**
     * Rules on a change.
     *
     * @throws io.cdcsystem.schema.error.CdcException of the kind TRANSIENT when registry or Kafka do not answer: to be
     *     asked again, while events of the table wait; any other kind when the pipeline is to fail
     */
    Ruling rule(VersionRequest request);

    /** Ends its connections. */
    @Override
    void close();
}
