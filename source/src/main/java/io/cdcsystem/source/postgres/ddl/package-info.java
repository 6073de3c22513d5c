/**
 * Event triggers that write what becomes of a table's definition into PostgreSQL's log, and the messages that they write.
 *
 * <p>{@code DdlMessage} is pure; {@code DdlTriggers} installs and looks at them through JDBC. Depends on {@code catalog}.
 */
@NullMarked
package io.cdcsystem.source.postgres.ddl;

import org.jspecify.annotations.NullMarked;
