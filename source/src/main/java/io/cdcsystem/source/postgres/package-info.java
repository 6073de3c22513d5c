/**
 * PostgreSQL behind the {@code source.database} interface: catalog, slot and publication, snapshot chunks by binary COPY,
 * and the log through pgoutput.
 *
 * <p>Blocking JDBC, one connection per purpose; nothing here knows Flink or MySQL.
 */
@NullMarked
package io.cdcsystem.source.postgres;

import org.jspecify.annotations.NullMarked;
