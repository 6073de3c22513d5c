package io.cdcsystem.source.enumerator;

import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.split.SnapshotSplit;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** The generation that rows are read under now, and the count of all. Coordinator thread only. */
final class OpenGeneration {
    private int count;
    private @Nullable Generation current;
    private String snapshotName = "";

    OpenGeneration(int count) {
        this.count = count;
    }

    void opened(Generation generation, String name) {
        if (generation.number() <= count) {
            throw new IllegalStateException("generation " + generation + " after number " + count);
        }
        current = generation;
        snapshotName = name;
        count = generation.number();
    }

    void closed() {
        current = null;
        snapshotName = "";
    }

    /** How many were opened so far, which is the number of the last. */
    int count() {
        return count;
    }

    int next() {
        return count + 1;
    }

    /** The number of the one that is open; 0 where none is. */
    int number() {
        return current == null ? 0 : current.number();
    }

    /**
     * The table's next chunk under it; nothing where the table waits for a younger one, or for its version.
     *
     * @param admits whether chunks of a version may be read, which stand at the position
     */
    Optional<SnapshotSplit> take(TableWork table, BiPredicate<TableSchema, Position> admits) {
        Generation open = current;
        return open == null
                        || !table.hasWaiting()
                        || table.needsYoungerThan(open.number())
                        || !admits.test(table.schema(), open.position())
                ? Optional.empty()
                : Optional.of(table.take(open, snapshotName));
    }
}
