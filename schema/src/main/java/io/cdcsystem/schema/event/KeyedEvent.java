package io.cdcsystem.schema.event;

import org.jspecify.annotations.Nullable;

/** What goes from the schema operator to deduplication, partitioned by topic and key. */
public sealed interface KeyedEvent permits ChangeEvent, TableSweep {

    /** The topic that it concerns. */
    String topic();

    /** What it is partitioned by beside the topic; null for events without key. */
    byte @Nullable [] key();
}
