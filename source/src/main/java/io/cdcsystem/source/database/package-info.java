/**
 * What the Flink side may ask of a database: the one small interface that PostgreSQL and MySQL stand behind.
 *
 * <p>Depends on {@code schema} and the values of {@code split}. Each type's documentation states its thread.
 */
@NullMarked
package io.cdcsystem.source.database;

import org.jspecify.annotations.NullMarked;
