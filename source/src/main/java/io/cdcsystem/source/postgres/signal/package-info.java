/**
 * Sends signals to a running pipeline through the log of its database.
 *
 * <p>For commands, not for the pipeline itself; one thread. Depends on {@code postgres}, its catalog and slot, and
 * {@code source.signal}.
 */
@NullMarked
package io.cdcsystem.source.postgres.signal;

import org.jspecify.annotations.NullMarked;
