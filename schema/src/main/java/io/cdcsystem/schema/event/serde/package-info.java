/**
 * How the vocabulary lies in bytes: {@code VocabularyCodec} for whoever stores tables, positions and generations, and the
 * Flink serializers of the two event types, which build on it.
 *
 * <p>Every layout names its version first and grows by adding: what an older build wrote stays readable, what a newer one
 * wrote is refused by name. The codec is stateless; a serializer keeps small caches and belongs to one thread, so Flink
 * duplicates it. Depends on the vocabulary and on Flink's type serializers.
 */
@NullMarked
package io.cdcsystem.schema.event.serde;

import org.jspecify.annotations.NullMarked;
