package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.authority.Ruling;
import io.cdcsystem.schema.authority.VersionRequest;
import java.util.function.Consumer;

/** Asks the schema authority, one question at a time, and brings its answers to the coordinator's thread. */
interface AuthorityCalls extends AutoCloseable {

    /**
     * Asks.
     *
     * @param delayMillis how long to wait before; other questions go on meanwhile
     * @param then takes the ruling
     * @param otherwise takes whatever was thrown instead
     */
    void ask(VersionRequest request, long delayMillis, Consumer<Ruling> then, Consumer<RuntimeException> otherwise);

    /** Asks nothing any more, and closes the authority. */
    @Override
    void close();
}
