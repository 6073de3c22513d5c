package io.cdcsystem.source.enumerator;

import io.cdcsystem.source.split.FinishedChunk;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * A reader tells the enumerator that it has emitted all rows of a chunk.
 *
 * @param chunk which one
 */
public record ChunkFinishedEvent(FinishedChunk chunk) implements SourceEvent {}
