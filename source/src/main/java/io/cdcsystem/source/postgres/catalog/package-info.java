/**
 * Tables as PostgreSQL's catalog has them: which are captured, their columns, types, defaults and keys.
 *
 * <p>Blocking JDBC; objects belong to the thread that uses their connection. Nothing here knows Flink.
 */
@NullMarked
package io.cdcsystem.source.postgres.catalog;

import org.jspecify.annotations.NullMarked;
