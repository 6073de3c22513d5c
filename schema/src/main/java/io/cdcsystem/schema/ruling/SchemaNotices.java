package io.cdcsystem.schema.ruling;

/** Where notices go. One thread at a time, but for {@code close}. */
public interface SchemaNotices extends AutoCloseable {

    /**
     * Returns once the notice stands there for good.
     *
     * @throws io.cdcsystem.schema.error.CdcException {@code KAFKA_UNREACHABLE} when it could not be written; written twice
     *     is possible then, under the same id
     */
    void publish(SchemaNotice notice);

    @Override
    void close();
}
