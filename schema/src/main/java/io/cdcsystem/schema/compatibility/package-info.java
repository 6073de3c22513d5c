/**
 * What a table's new definition does to those who read its topic: the difference of two versions, and the verdict on it
 * under a compatibility mode.
 *
 * <p>Pure functions over immutable values; free of threads. Depends on {@code table}, {@code envelope} and {@code error};
 * never asks a registry, whose own verdict the tests hold against this one.
 */
@NullMarked
package io.cdcsystem.schema.compatibility;

import org.jspecify.annotations.NullMarked;
