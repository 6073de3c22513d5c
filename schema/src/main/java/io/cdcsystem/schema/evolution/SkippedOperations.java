package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.Op;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** The option {@code skipped.operations}: a comma list of {@code c,u,d,t}, or {@code none}. */
public final class SkippedOperations {
    /** The option's name. */
    public static final String OPTION = "skipped.operations";
    /** What is skipped when the option is not given: truncations, as with Debezium. */
    public static final String DEFAULT = "t";

    private SkippedOperations() {}

    /** Reads the option's text. */
    public static Set<Op> parse(String text) {
        Set<Op> skipped = EnumSet.noneOf(Op.class);
        String trimmed = text.trim().toLowerCase(Locale.ROOT);
        if (trimmed.equals("none")) {
            return Set.of();
        }
        for (String code : trimmed.split(",", -1)) {
            skipped.add(
                    switch (code.trim()) {
                        case "c" -> Op.CREATE;
                        case "u" -> Op.UPDATE;
                        case "d" -> Op.DELETE;
                        case "t" -> Op.TRUNCATE;
                        default ->
                            throw new CdcException(
                                    ErrorCode.CONFIG_INVALID,
                                    OPTION + " is '" + text + "': write a comma list of c, u, d and t, or none");
                    });
        }
        return Set.copyOf(skipped);
    }
}
