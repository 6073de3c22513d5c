package io.cdcsystem.job.config;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;

/** Collects everything that is wrong with a pipeline file, so that one run of it reports all. Not thread-safe. */
final class ConfigProblems {
    private final List<ConfigProblem> problems = new ArrayList<>();

    void add(String path, int line, String message) {
        problems.add(new ConfigProblem(path, line, message));
    }

    boolean isEmpty() {
        return problems.isEmpty();
    }

    /** In the order of the file; what is absent from it comes last. */
    List<ConfigProblem> sorted() {
        List<ConfigProblem> sorted = new ArrayList<>(problems);
        sorted.sort((a, b) -> Integer.compare(
                a.line() == 0 ? Integer.MAX_VALUE : a.line(), b.line() == 0 ? Integer.MAX_VALUE : b.line()));
        return List.copyOf(sorted);
    }

    /** Throws one error that lists every problem, numbered; does nothing where there is none. */
    void throwIfAny(String origin) {
        if (problems.isEmpty()) {
            return;
        }
        List<ConfigProblem> sorted = sorted();
        StringBuilder text = new StringBuilder(origin)
                .append(sorted.size() == 1 ? " has 1 problem:" : " has " + sorted.size() + " problems:");
        for (int i = 0; i < sorted.size(); i++) {
            text.append("\n  ").append(i + 1).append(". ").append(sorted.get(i));
        }
        throw new CdcException(ErrorCode.CONFIG_INVALID, text.toString());
    }
}
