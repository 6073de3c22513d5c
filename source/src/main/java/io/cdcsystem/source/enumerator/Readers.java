package io.cdcsystem.source.enumerator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which readers there are, what they asked for, and how many chunks each holds. Coordinator thread only. */
final class Readers {
    /** Whichever reader asks. */
    static final int ANY = -1;

    private final int threadsMax;
    /** One entry per request, in order; a reader may ask ahead. */
    private final Deque<Integer> requests = new ArrayDeque<>();

    private final Set<Integer> reported = new HashSet<>();
    /** Readers that were told that nothing more comes. */
    private final Set<Integer> dismissed = new HashSet<>();

    private final Map<Integer, Integer> chunks = new HashMap<>();
    private boolean allReported;

    /**
     * None yet.
     *
     * @param threadsMax readers that may hold chunks at the same time; 0 for all
     * @param restored whether all have to report before any gets something
     */
    Readers(int threadsMax, boolean restored) {
        this.threadsMax = threadsMax;
        this.allReported = !restored;
    }

    /** A reader begins, maybe anew. */
    void registered(int subtask) {
        forget(subtask);
        reported.add(subtask);
    }

    /** A reader failed: nothing is assigned before it has registered again. */
    void failed(int subtask) {
        forget(subtask);
        reported.remove(subtask);
        allReported = false;
    }

    /** What the reader's earlier attempt asked for, held, and was told, is void. */
    private void forget(int subtask) {
        requests.removeIf(waiting -> waiting == subtask);
        dismissed.remove(subtask);
        chunks.remove(subtask);
    }

    /** Whether it is known of every reader what it holds. */
    boolean allReported(int parallelism) {
        allReported |= reported.size() >= parallelism;
        return allReported;
    }

    void asked(int subtask) {
        requests.add(subtask);
    }

    // A reader that failed is gone some time before we are told so: of those that asked, some may not be alive.

    /** The reader that gets the log, if it has asked: the wanted one, or the lowest, so that its place is predictable. */
    Optional<Integer> nextForLog(int wanted, Set<Integer> alive) {
        return requests.stream()
                .filter(waiting -> (wanted == ANY || waiting == wanted) && alive.contains(waiting))
                .min(Integer::compare);
    }

    void gotLog(int subtask) {
        requests.removeFirstOccurrence(subtask);
    }

    /** The reader that gets a chunk: who asked first, unless that would be one reader too many. */
    Optional<Integer> nextForChunk(Set<Integer> alive) {
        boolean full = threadsMax > 0 && chunks.size() >= threadsMax;
        return requests.stream()
                .filter(waiting -> alive.contains(waiting) && (!full || chunks.containsKey(waiting)))
                .findFirst();
    }

    void gotChunk(int subtask) {
        requests.removeFirstOccurrence(subtask);
        chunks.merge(subtask, 1, Integer::sum);
    }

    /** It holds one chunk less. */
    void gaveBack(int subtask) {
        chunks.computeIfPresent(subtask, (reader, count) -> count > 1 ? count - 1 : null);
    }

    /** Whether the reader is to be told that nothing more comes: once. */
    boolean dismiss(int subtask) {
        requests.removeIf(waiting -> waiting == subtask);
        return dismissed.add(subtask);
    }
}
