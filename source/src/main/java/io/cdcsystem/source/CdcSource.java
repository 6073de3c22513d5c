package io.cdcsystem.source;

import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.serde.SourceEventTypeInfo;
import io.cdcsystem.source.enumerator.CdcEnumerator;
import io.cdcsystem.source.enumerator.EnumeratorState;
import io.cdcsystem.source.enumerator.EnumeratorStateSerializer;
import io.cdcsystem.source.enumerator.SnapshotMetrics;
import io.cdcsystem.source.reader.CdcSourceReader;
import io.cdcsystem.source.split.CdcSplit;
import io.cdcsystem.source.split.CdcSplitSerializer;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SupportsSplitReassignmentOnRecovery;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Captures a database: a parallel snapshot, then the log. Needs checkpointing: the log begins when a checkpoint holds
 * the whole snapshot.
 */
public final class CdcSource
        implements Source<SourceEvent, CdcSplit, EnumeratorState>,
                ResultTypeQueryable<SourceEvent>,
                SupportsSplitReassignmentOnRecovery {
    private static final long serialVersionUID = 1L;

    private final SourceConfig config;
    /** One for all enumerators of a job: Flink keeps the metrics of the first when a failure brings another. */
    private transient @Nullable SnapshotMetrics metrics;

    /** A source of this configuration. */
    public CdcSource(SourceConfig config) {
        this.config = config;
    }

    @Override
    public Boundedness getBoundedness() {
        return config.logEnd() == LogEnd.FINISH ? Boundedness.BOUNDED : Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<SourceEvent, CdcSplit> createReader(SourceReaderContext context) {
        return CdcSourceReader.create(config, context);
    }

    @Override
    public SplitEnumerator<CdcSplit, EnumeratorState> createEnumerator(SplitEnumeratorContext<CdcSplit> context) {
        return restoreEnumerator(context, EnumeratorState.EMPTY);
    }

    @Override
    public SplitEnumerator<CdcSplit, EnumeratorState> restoreEnumerator(
            SplitEnumeratorContext<CdcSplit> context, EnumeratorState state) {
        SnapshotMetrics present = metrics == null ? new SnapshotMetrics() : metrics;
        metrics = present;
        return new CdcEnumerator(context, config, config.database().open(), state, present);
    }

    @Override
    public TypeInformation<SourceEvent> getProducedType() {
        return new SourceEventTypeInfo();
    }

    @Override
    public SimpleVersionedSerializer<CdcSplit> getSplitSerializer() {
        return new CdcSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<EnumeratorState> getEnumeratorCheckpointSerializer() {
        return new EnumeratorStateSerializer();
    }
}
