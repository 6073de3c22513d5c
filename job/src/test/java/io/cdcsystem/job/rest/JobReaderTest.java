package io.cdcsystem.job.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.dedup.DedupOperator;
import io.cdcsystem.job.Pipeline;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real cluster's REST API, with a job whose numbers are known. */
@Tag("S2")
class JobReaderTest {
    private static final int PARALLELISM = 2;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static MiniCluster cluster;
    private static URI address;
    private static JobID job;

    @BeforeAll
    static void startJob() throws Exception {
        Configuration flink = new Configuration();
        flink.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        flink.set(RestOptions.ADDRESS, "127.0.0.1");
        flink.set(RestOptions.BIND_PORT, "0");
        flink.set(MetricOptions.METRIC_FETCHER_UPDATE_INTERVAL, Duration.ofMillis(200));
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        flink.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(100));
        flink.set(JobManagerOptions.SCHEDULER, JobManagerOptions.SchedulerType.Default);
        cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(flink)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(PARALLELISM)
                .build());
        cluster.start();
        address = cluster.getRestAddress().get();
        job = cluster.submitJob(graph("scripted", flink)).get().getJobID();
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    private static JobGraph graph(String name, Configuration flink) {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(flink);
        environment.setParallelism(PARALLELISM);
        environment.enableCheckpointing(300);
        environment.configure(new Configuration().set(PipelineOptions.NAME, name));
        environment
                .fromSource(new ScriptedSource(), WatermarkStrategy.noWatermarks(), Pipeline.SOURCE_UID, Types.LONG)
                .map(number -> number)
                .returns(Types.LONG)
                .name(Pipeline.SCHEMA_UID)
                .keyBy(number -> number)
                .map(new Counting())
                .returns(Types.LONG)
                .name(DedupOperator.UID)
                .sinkTo(new DiscardingSink<>());
        return environment.getStreamGraph().getJobGraph();
    }

    /** Under the deduplication operator's names: every event counts as one published, and as one repeat. */
    private static final class Counting extends RichMapFunction<Long, Long> {
        private static final long serialVersionUID = 1L;

        private transient Counter published;
        private transient Counter duplicates;

        @Override
        public void open(OpenContext context) {
            MetricGroup group = getRuntimeContext().getMetricGroup().addGroup("cdc");
            published = group.counter("eventsPublished");
            duplicates = group.counter("duplicatesDropped");
            group.addGroup("table", "topic").counter("eventsPublished").inc(1_000_000);
        }

        @Override
        public Long map(Long number) {
            published.inc();
            duplicates.inc();
            return number;
        }
    }

    private static JobFinder.Job found() throws InterruptedException {
        return new JobFinder(List.of(URI.create("http://127.0.0.1:1"), address))
                .find("scripted")
                .job()
                .orElseThrow();
    }

    @Test
    void the_job_is_found_by_its_name() throws Exception {
        assertThat(found().id()).isEqualTo(job.toString());
        JobFinder.Found nobody = new JobFinder(List.of(address, URI.create("http://127.0.0.1:1"))).find("other");
        assertThat(nobody.job()).isEmpty();
        assertThat(nobody.answered()).isEqualTo(1);
    }

    @Test
    void everything_a_recreated_enumerator_and_its_readers_report_is_read() throws Exception {
        long events = PARALLELISM * ScriptedSource.EVENTS_PER_READER;
        JobStatus status = Awaitility.await()
                .pollInSameThread()
                .atMost(PATIENCE)
                .until(
                        () -> new JobReader(found(), Pipeline.SOURCE_UID, DedupOperator.UID).read(),
                        read -> read.isRunning()
                                && read.checkpoint() != null
                                && read.snapshot() != null
                                && read.published() != null
                                && read.published().events() == events
                                && read.failure() != null
                                && read.checkpoint().completedAt()
                                        > read.failure().at());

        assertThat(status.id()).isEqualTo(job.toString());
        assertThat(status.restarts()).isEqualTo(1);
        assertThat(status.failure().text()).contains(ScriptedSource.FAILURE);
        assertThat(status.now() - status.checkpoint().completedAt()).isBetween(0L, PATIENCE.toMillis());
        assertThat(status.withTableNames(new TableNames(List.of("odd. name.t,1:\"2\"", "public.orders", "x.y")))
                        .snapshot())
                .isEqualTo(new JobStatus.Snapshot(
                        2L,
                        true,
                        2,
                        0,
                        8,
                        3,
                        2,
                        List.of(
                                new JobStatus.Table(
                                        "odd. name.t,1:\"2\"", "joining", 0, 0, null, 0L, 0, 0, 0, null, false),
                                new JobStatus.Table(
                                        "public.orders", "reading", 2, 40, 100L, 40L, 8, 3, 0, null, true))));
        assertThat(status.log()).isEqualTo(new JobStatus.Log(1_000L, 70L, false, events));
        assertThat(status.published()).isEqualTo(new JobStatus.Published(events, events, 0));
    }

    @Test
    void tables_that_metrics_cannot_tell_apart_keep_the_metrics_name() {
        TableNames names = new TableNames(List.of("a.b_c", "a_b.c", "public.orders"));
        assertThat(names.realName("a_b_c")).isEqualTo("a_b_c");
        assertThat(names.realName("public_orders")).isEqualTo("public.orders");
        assertThat(names.realName("unknown_table")).isEqualTo("unknown_table");
    }
}
