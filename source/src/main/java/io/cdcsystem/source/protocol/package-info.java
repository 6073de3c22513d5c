/**
 * What readers and the enumerator tell each other while a job runs. Never stored: what must survive is in their states.
 *
 * <p>Java-serialized by Flink. Depends on {@code schema}, {@code split} and {@code signal}.
 */
@NullMarked
package io.cdcsystem.source.protocol;

import org.jspecify.annotations.NullMarked;
