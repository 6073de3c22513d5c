/**
 * The Kafka topic through which signals reach a pipeline whose database may not be written to.
 *
 * <p>A channel belongs to the thread that polls it (the enumerator's I/O thread), a sender to its command. Depends on
 * {@code source.signal} and Kafka's client only.
 */
@NullMarked
package io.cdcsystem.job.signal;

import org.jspecify.annotations.NullMarked;
