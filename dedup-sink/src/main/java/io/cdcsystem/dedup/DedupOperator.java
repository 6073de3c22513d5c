package io.cdcsystem.dedup;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.ChangeEvent.KeyLink;
import io.cdcsystem.schema.event.KeyedEvent;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.event.TableSweep;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.sink.SinkRecord;
import io.cdcsystem.sink.SinkRecordTypeInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.TimestampedCollector;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Publishes every change once per key, and behind each DELETE its tombstone. When a later snapshot run of a table is
 * complete, it deletes the keys that the run did not find.
 *
 * <p>State per key is one {@link KeyState} with a retention. The generations are few; all of them are known to every
 * subtask (union state), because after a rescale any key may have been read by any generation.
 */
public final class DedupOperator extends AbstractStreamOperator<SinkRecord>
        implements OneInputStreamOperator<KeyedEvent, SinkRecord> {
    /** The operator's uid: state is found again by it. */
    public static final String UID = "cdc-dedup";

    private static final long serialVersionUID = 2L;
    private static final byte[] NO_VALUE = {};
    private static final int CLEANUP_KEYS_PER_ACCESS = 2;
    private static final long CLEANUP_TIME_QUERY_ENTRIES = 10_000;

    private final DedupConfig settings;
    private transient Generations generations = new Generations();
    private transient Map<String, Integer> sweptRuns = new HashMap<>();
    private transient @Nullable ListState<Generation> storedGenerations;
    private transient @Nullable ValueStateDescriptor<KeyState> descriptor;
    private transient @Nullable ValueState<KeyState> keyState;
    private transient @Nullable DedupMetrics counters;
    private transient @Nullable TimestampedCollector<SinkRecord> out;
    private transient long keysOfAnotherLayout;

    /** An operator of that configuration. */
    public DedupOperator(DedupConfig settings) {
        this.settings = Objects.requireNonNull(settings, "settings");
    }

    /** Keys {@code events} by record and deduplicates them, under the uid {@value #UID}. */
    public static SingleOutputStreamOperator<SinkRecord> attach(DataStream<KeyedEvent> events, DedupConfig config) {
        return events.keyBy(RecordKey::of, new RecordKeyTypeInfo())
                .transform(UID, new SinkRecordTypeInfo(), new DedupOperator(config))
                .uid(UID);
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        generations = new Generations();
        storedGenerations = context.getOperatorStateStore()
                .getUnionListState(new ListStateDescriptor<>("generations", new GenerationSerializer()));
        if (context.isRestored()) {
            for (Generation generation : storedGenerations.get()) {
                generations.restore(generation);
            }
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        ValueStateDescriptor<KeyState> described = new ValueStateDescriptor<>("key", new KeyStateSerializer());
        described.enableTimeToLive(StateTtlConfig.newBuilder(settings.retention())
                .updateTtlOnCreateAndWrite()
                .neverReturnExpired()
                .cleanupIncrementally(CLEANUP_KEYS_PER_ACCESS, false)
                .cleanupInRocksdbCompactFilter(CLEANUP_TIME_QUERY_ENTRIES)
                .build());
        descriptor = described;
        keyState = getRuntimeContext().getState(described);
        sweptRuns = new HashMap<>();
        counters = new DedupMetrics(getMetricGroup());
        out = new TimestampedCollector<>(output);
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        boolean storesRestored = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0;
        Objects.requireNonNull(storedGenerations, "not initialized").update(generations.toStore(storesRestored));
    }

    @Override
    public void processElement(StreamRecord<KeyedEvent> element) throws Exception {
        TimestampedCollector<SinkRecord> collector = Objects.requireNonNull(out, "not open");
        collector.setTimestamp(element);
        if (element.getValue() instanceof ChangeEvent change) {
            process(change, collector);
        } else {
            sweep((TableSweep) element.getValue(), collector);
        }
    }

    private void process(ChangeEvent event, TimestampedCollector<SinkRecord> collector) throws Exception {
        ChangeEvent published = settings.enabled() ? deduplicated(event) : counted(Verdict.EMIT, event);
        if (published != null) {
            collector.collect(new SinkRecord(published, false));
            // A tombstone without key would delete nothing, and compacted topics refuse it.
            if (settings.tombstones() && published.op() == Op.DELETE && published.key() != null) {
                collector.collect(new SinkRecord(published, true));
            }
        }
    }

    private @Nullable ChangeEvent deduplicated(ChangeEvent event) throws Exception {
        ValueState<KeyState> stored = Objects.requireNonNull(keyState, "not open");
        KeyState before = stored.value();
        Verdict verdict = DedupRule.decide(before, event, generations);
        if (verdict != Verdict.EMIT) {
            return counted(verdict, event);
        }
        KeyState after = DedupRule.after(before, event);
        if (after != null) {
            stored.update(after);
        }
        Generation reading = event.generation();
        if (reading != null) {
            generations.learn(reading);
            if (before != null) {
                Position position = DedupRule.rowPosition(before, event, generations);
                return counted(verdict, position.equals(event.position()) ? event : event.at(position));
            }
        }
        return counted(verdict, event);
    }

    private @Nullable ChangeEvent counted(Verdict verdict, ChangeEvent event) {
        Objects.requireNonNull(counters, "not open").count(verdict, event.topic());
        return verdict == Verdict.EMIT ? event : null;
    }

    private void sweep(TableSweep sweep, TimestampedCollector<SinkRecord> collector) throws Exception {
        requireAllKeyGroups(sweep);
        if (!settings.enabled()
                || sweptRuns.getOrDefault(sweep.topic(), 0)
                        >= sweep.generation().run()) {
            return;
        }
        sweptRuns.put(sweep.topic(), sweep.generation().run());
        Objects.requireNonNull(counters, "not open").countSweep();
        LOG.info(
                "Deleting the keys of {} that snapshot run {} did not find.",
                sweep.topic(),
                sweep.generation().run());
        keysOfAnotherLayout = 0;
        // Keys come one by one from the backend's iterator, and what is gone leaves at once: nothing is collected here.
        this.<RecordKey>getKeyedStateBackend()
                .applyToAllKeys(
                        VoidNamespace.INSTANCE,
                        VoidNamespaceSerializer.INSTANCE,
                        Objects.requireNonNull(descriptor, "not open"),
                        (key, state) -> sweepKey(sweep, key, state, collector));
        if (keysOfAnotherLayout > 0) {
            LOG.warn(
                    "{} keys of {} were written under another definition of its primary key: they are deleted by a"
                            + " tombstone alone, without an event.",
                    keysOfAnotherLayout,
                    sweep.topic());
        }
    }

    private void sweepKey(
            TableSweep sweep, RecordKey key, ValueState<KeyState> state, TimestampedCollector<SinkRecord> collector)
            throws Exception {
        byte[] bytes = key.key();
        if (bytes == null || !key.topic().equals(sweep.topic())) {
            return;
        }
        KeyState before = state.value();
        if (before == null || !DedupRule.isGone(before, sweep.generation())) {
            return;
        }
        generations.learn(sweep.generation());
        state.update(before.gone(sweep.generation()));
        byte[] value = sweep.deletes().fill(bytes);
        ChangeEvent delete = new ChangeEvent(
                sweep.topic(),
                bytes,
                value == null ? NO_VALUE : value,
                sweep.keySchemaId(),
                sweep.valueSchemaId(),
                Op.DELETE,
                DedupRule.gonePosition(before, sweep.generation(), generations),
                0,
                sweep.commitMicros(),
                sweep.generation(),
                KeyLink.NONE,
                null);
        Objects.requireNonNull(counters, "not open").countSwept(sweep.topic(), value != null);
        if (value == null) {
            keysOfAnotherLayout++;
        } else {
            collector.collect(new SinkRecord(delete, false));
        }
        if (settings.tombstones()) {
            collector.collect(new SinkRecord(delete, true));
        }
    }

    /** A subtask without a copy would miss the sweep in silence. */
    private void requireAllKeyGroups(TableSweep sweep) {
        int own = getRuntimeContext().getTaskInfo().getMaxNumberOfParallelSubtasks();
        if (sweep.keyGroups() != own) {
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID,
                    "the schema operator has a maximum parallelism of " + sweep.keyGroups()
                            + " and deduplication one of "
                            + own + ", so that a new snapshot of " + sweep.topic()
                            + " cannot delete what is gone: give the whole job one maximum parallelism, that of the"
                            + " savepoint where there is one");
        }
    }
}
