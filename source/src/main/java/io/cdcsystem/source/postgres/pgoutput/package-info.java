/**
 * The logical replication protocol, version 1: bytes in, callbacks out.
 *
 * <p>Pure functions of the bytes; one decoder belongs to one thread. Depends on {@code schema.error} and {@code schema.row}
 * only.
 */
@NullMarked
package io.cdcsystem.source.postgres.pgoutput;

import org.jspecify.annotations.NullMarked;
