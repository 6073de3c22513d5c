/**
 * The replication slot, the publication, and the sessions that keep an exported snapshot open.
 *
 * <p>Blocking JDBC; objects belong to the thread that uses their connection. Nothing here knows Flink.
 */
@NullMarked
package io.cdcsystem.source.postgres.slot;

import org.jspecify.annotations.NullMarked;
