package io.cdcsystem.job.command;

import io.cdcsystem.schema.error.ErrorCode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads Flink's failure texts: finds the one line meant for people, and tells what restarting cannot mend. Pure.
 *
 * <p>Failures arrive as stack-trace text, because Flink ships them between its processes in serialized form.
 */
final class FailureWatch {
    /** A CdcException's message: its code, then a line. */
    private static final Pattern CODED = Pattern.compile("\\b([A-Z]+(?:_[A-Z]+)+): ([^\\r\\n]+)");

    private static final String RECORD_TOO_LARGE = "RecordTooLargeException";

    private FailureWatch() {}

    /** What a failure says. */
    record Failure(@Nullable ErrorCode code, String line) {
        /** Whether restarting may mend it; what has no code may. */
        boolean isTransient() {
            return code == null || code.kind() == ErrorCode.Kind.TRANSIENT;
        }
    }

    /** The first coded error of a stack trace; otherwise the innermost cause's line. */
    static Failure read(String stackTrace) {
        // Kafka's own words name neither the setting nor the way out, and a restart meets the same record again.
        if (stackTrace.contains(RECORD_TOO_LARGE)) {
            return new Failure(
                    ErrorCode.KAFKA_UNUSABLE,
                    ErrorCode.KAFKA_UNUSABLE + ": a record is larger than Kafka takes ("
                            + stackTrace
                                    .lines()
                                    .filter(line -> line.contains(RECORD_TOO_LARGE))
                                    .findFirst()
                                    .orElse(RECORD_TOO_LARGE)
                                    .replaceFirst("^Caused by: ", "")
                                    .strip()
                            + "); raise max.message.bytes of the topic (sink.topic.config) or message.max.bytes of the"
                            + " broker, and max.request.size of the producer (sink.producer)");
        }
        Matcher matcher = CODED.matcher(stackTrace);
        while (matcher.find()) {
            Optional<ErrorCode> code = code(matcher.group(1));
            if (code.isPresent()) {
                return new Failure(code.get(), matcher.group().strip());
            }
        }
        String line = "unknown failure";
        boolean first = true;
        for (String candidate : (Iterable<String>) stackTrace.lines()::iterator) {
            if (first || candidate.startsWith("Caused by: ")) {
                line = candidate.replaceFirst("^Caused by: ", "").strip();
                first = false;
            }
        }
        return new Failure(null, line);
    }

    private static Optional<ErrorCode> code(String name) {
        for (ErrorCode code : ErrorCode.values()) {
            if (code.name().equals(name)) {
                return Optional.of(code);
            }
        }
        return Optional.empty();
    }
}
