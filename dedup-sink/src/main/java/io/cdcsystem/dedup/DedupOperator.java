package io.cdcsystem.dedup;

import io.cdcsystem.schema.event.ChangeEvent;
import io.cdcsystem.schema.event.Op;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.sink.SinkRecord;
import io.cdcsystem.sink.SinkRecordTypeInfo;
import java.util.Objects;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Publishes every change once per key, and behind each DELETE its tombstone.
 *
 * <p>State per key is one {@link KeyState} with a retention. The generations are few; all of them are known to every
 * subtask (union state), because after a rescale any key may have been read by any generation.
 */
public final class DedupOperator extends KeyedProcessFunction<RecordKey, ChangeEvent, SinkRecord>
        implements CheckpointedFunction {
    /** The operator's uid: state is found again by it. */
    public static final String UID = "cdc-dedup";

    private static final long serialVersionUID = 1L;
    private static final int CLEANUP_KEYS_PER_ACCESS = 2;
    private static final long CLEANUP_TIME_QUERY_ENTRIES = 10_000;

    private final DedupConfig config;
    private transient Generations generations = new Generations();
    private transient @Nullable ListState<Generation> storedGenerations;
    private transient @Nullable ValueState<KeyState> keyState;
    private transient @Nullable DedupMetrics metrics;

    /** A function of that configuration. */
    public DedupOperator(DedupConfig config) {
        this.config = Objects.requireNonNull(config, "config");
    }

    /** Keys {@code events} by record and deduplicates them, under the uid {@value #UID}. */
    public static SingleOutputStreamOperator<SinkRecord> attach(DataStream<ChangeEvent> events, DedupConfig config) {
        return events.keyBy(RecordKey::of, new RecordKeyTypeInfo())
                .process(new DedupOperator(config), new SinkRecordTypeInfo())
                .name(UID)
                .uid(UID);
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
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
    public void open(OpenContext context) {
        ValueStateDescriptor<KeyState> descriptor = new ValueStateDescriptor<>("key", new KeyStateSerializer());
        descriptor.enableTimeToLive(StateTtlConfig.newBuilder(config.retention())
                .updateTtlOnCreateAndWrite()
                .neverReturnExpired()
                .cleanupIncrementally(CLEANUP_KEYS_PER_ACCESS, false)
                .cleanupInRocksdbCompactFilter(CLEANUP_TIME_QUERY_ENTRIES)
                .build());
        keyState = getRuntimeContext().getState(descriptor);
        metrics = new DedupMetrics(getRuntimeContext().getMetricGroup());
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        boolean storesRestored = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0;
        Objects.requireNonNull(storedGenerations, "not initialized").update(generations.toStore(storesRestored));
    }

    @Override
    public void processElement(ChangeEvent event, Context context, Collector<SinkRecord> out) throws Exception {
        ValueState<KeyState> stored = Objects.requireNonNull(keyState, "not open");
        Verdict verdict = config.enabled() ? judge(event, stored) : Verdict.EMIT;
        Objects.requireNonNull(metrics, "not open").count(verdict, event.topic());
        if (verdict == Verdict.EMIT) {
            out.collect(new SinkRecord(event, false));
            // A tombstone without key would delete nothing, and compacted topics refuse it.
            if (config.tombstones() && event.op() == Op.DELETE && event.key() != null) {
                out.collect(new SinkRecord(event, true));
            }
        }
    }

    private Verdict judge(ChangeEvent event, ValueState<KeyState> stored) throws Exception {
        KeyState before = stored.value();
        Verdict verdict = DedupRule.decide(before, event, generations);
        if (verdict == Verdict.EMIT) {
            KeyState after = DedupRule.after(before, event);
            if (after != null) {
                stored.update(after);
            }
            Generation reading = event.generation();
            if (reading != null) {
                generations.learn(reading);
            }
        }
        return verdict;
    }
}
