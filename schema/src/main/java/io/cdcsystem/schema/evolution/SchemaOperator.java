package io.cdcsystem.schema.evolution;

import io.cdcsystem.schema.event.KeyedEvent;
import io.cdcsystem.schema.event.SourceEvent;
import java.util.Objects;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the source's events, chained behind the source: compiles an encoder per table version when {@link
 * io.cdcsystem.schema.event.VersionAdmitted} says how its rows are published.
 *
 * <p>Stateless, and never asks the registry: a reader says of every version anew, in each attempt, how it was admitted. An
 * event of a version that was not is a fault of the source and ends in an {@link IllegalStateException}.
 */
public final class SchemaOperator extends AbstractStreamOperator<KeyedEvent>
        implements OneInputStreamOperator<SourceEvent, KeyedEvent> {
    private static final long serialVersionUID = 1L;

    private final SchemaOperatorConfig settings;
    private final MicrosClock clock;
    private transient @Nullable TablePublishers publishers;

    /** The operator on the system's clock. */
    public SchemaOperator(SchemaOperatorConfig settings) {
        this(settings, MicrosClock.system());
    }

    /** The same with a clock of its own. */
    public SchemaOperator(SchemaOperatorConfig settings, MicrosClock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public void open() throws Exception {
        super.open();
        int keyGroups = getRuntimeContext().getTaskInfo().getMaxNumberOfParallelSubtasks();
        publishers = new TablePublishers(settings, clock, keyGroups, getMetricGroup(), output);
    }

    @Override
    public void processElement(StreamRecord<SourceEvent> element) {
        Objects.requireNonNull(publishers, "processElement before open").publish(element);
    }
}
