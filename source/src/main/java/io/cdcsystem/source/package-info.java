/**
 * The FLIP-27 source: puts together the enumerator, the readers and the serializers.
 *
 * <p>Values that travel with the job graph; nothing here runs on a thread of its own. Knows a database by
 * {@code source.database} only.
 */
@NullMarked
package io.cdcsystem.source;

import org.jspecify.annotations.NullMarked;
