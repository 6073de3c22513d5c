package io.cdcsystem.dedup;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.position.Generation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The generations that rows were read by, few and never forgotten: a key's state names its own by number.
 *
 * <p>What was learnt since the start and what was restored are told apart, because restored generations are known to every
 * subtask, and one of them is enough to store them again.
 */
final class Generations {
    private final Map<Integer, Generation> byNumber = new HashMap<>();
    private final List<Generation> learnt = new ArrayList<>();
    private int newest;

    /** Takes over a generation from stored state. */
    void restore(Generation generation) {
        byNumber.put(generation.number(), generation);
    }

    /** Remembers the generation of a row. */
    void learn(Generation generation) {
        // Rows of one generation come in long runs: the comparison spares the map for nearly all of them.
        if (generation.number() != newest) {
            newest = generation.number();
            if (byNumber.putIfAbsent(newest, generation) == null) {
                learnt.add(generation);
            }
        }
    }

    /** The generation of that number. */
    Generation get(int number) {
        Generation generation = byNumber.get(number);
        if (generation == null) {
            throw new CdcException(
                    ErrorCode.STATE_UNREADABLE,
                    "a key was read by snapshot generation " + number + ", which the deduplication state does not know"
                            + ": the stored state is damaged, start from an older checkpoint");
        }
        return generation;
    }

    /** What a subtask has to store: the restored ones are stored by one of them only. */
    List<Generation> toStore(boolean withRestored) {
        return withRestored ? List.copyOf(byNumber.values()) : List.copyOf(learnt);
    }
}
