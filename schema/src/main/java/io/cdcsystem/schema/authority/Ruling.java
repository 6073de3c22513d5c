package io.cdcsystem.schema.authority;

import io.cdcsystem.schema.event.Admission;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the schema authority says to a change. */
public sealed interface Ruling {

    /**
     * Events behind the change may go on. Its notice is published by now.
     *
     * @param admission how the new version's rows are published; null where the table was dropped and there are none
     */
    record Admitted(@Nullable Admission admission) implements Ruling {}

    /**
     * A person has to decide; to be asked again.
     *
     * @param reason what is broken and the commands that decide, for people
     */
    record Pending(String reason) implements Ruling {
        /** Rejects a missing reason. */
        public Pending {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
