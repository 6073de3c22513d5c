package io.cdcsystem.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.job.config.ConfigLoader;
import io.cdcsystem.job.config.PipelineConfig;
import io.cdcsystem.job.signal.KafkaSignalChannelConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;

class PipelineTest {
    private static final String FILE = """
            name: shop
            source: { type: postgres, hostname: h, database: d, username: u, password: s3cret, tables: public.orders }
            sink: { bootstrap.servers: 'localhost:9092' }
            pipeline: { parallelism: 2 }
            """;

    @Test
    void every_operator_has_its_uid() {
        Map<String, String> uids = new TreeMap<>();
        for (StreamNode node : graph(FILE).getStreamNodes()) {
            uids.put(node.getOperatorName(), String.valueOf(node.getTransformationUID()));
        }

        assertThat(uids.values()).doesNotContain("null");
        assertThat(Set.copyOf(uids.values()))
                .contains("cdc-source", "cdc-schema", "cdc-dedup")
                .anyMatch(uid -> uid.contains("cdc-sink"));
    }

    @Test
    void exactly_once_adds_a_committer_that_has_a_uid_too() {
        String file = FILE.replace("9092' }", "9092', delivery-guarantee: exactly-once }");
        assertThat(graph(file).getStreamNodes())
                .anySatisfy(node -> assertThat(node.getOperatorName()).contains("Committer"))
                .allSatisfy(node -> assertThat(node.getTransformationUID()).isNotNull());
    }

    @Test
    void the_schema_operator_is_chained_to_the_source() {
        JobGraph graph = graph(FILE).getJobGraph();

        List<String> tasks = new ArrayList<>();
        for (JobVertex vertex : graph.getVertices()) {
            tasks.add(vertex.getName());
        }
        assertThat(tasks)
                .hasSize(2)
                .anySatisfy(task -> assertThat(task).contains("cdc-source").contains("cdc-schema"))
                .anySatisfy(task -> assertThat(task).contains("cdc-dedup").contains("cdc-sink"));
    }

    @Test
    void kryo_is_forbidden_objects_are_reused_and_the_job_has_its_name() {
        StreamGraph graph = graph(FILE);

        assertThat(graph.getExecutionConfig().getSerializerConfig().hasGenericTypesDisabled())
                .isTrue();
        assertThat(graph.getExecutionConfig().isObjectReuseEnabled()).isTrue();
        assertThat(graph.getJobName()).isEqualTo("shop");
        assertThat(graph.getStreamNodes())
                .allSatisfy(node -> assertThat(node.getParallelism()).isEqualTo(2));
    }

    @Test
    void the_signal_topic_takes_the_sinks_credentials_on_the_sinks_cluster_only() {
        String sink = "sink: { bootstrap.servers: 'localhost:9092', producer: { sasl.mechanism: PLAIN, linger.ms: 1,"
                + " security.protocol: SASL_SSL } }";
        String file = FILE.replace("sink: { bootstrap.servers: 'localhost:9092' }", sink);
        assertThat(Pipeline.signals(parse(FILE))).isNull();
        assertThat(Pipeline.signals(
                        parse(file + "signal: { kafka.topic: s, consumer: { security.protocol: SASL_PLAINTEXT } }")))
                .isEqualTo(new KafkaSignalChannelConfig(
                        "localhost:9092",
                        "s",
                        "shop",
                        Map.of("sasl.mechanism", "PLAIN", "security.protocol", "SASL_PLAINTEXT")));
        assertThat(Pipeline.signals(parse(file + "signal: { kafka.topic: s, kafka.bootstrap.servers: 'other:9092' }")))
                .isEqualTo(new KafkaSignalChannelConfig("other:9092", "s", "shop", Map.of()));
    }

    @Test
    void the_plan_shows_no_secret() {
        assertThat(graph(FILE).getStreamingPlanAsJSON()).contains("cdc-source").doesNotContain("s3cret");
    }

    @Test
    void the_checkpoint_interval_comes_from_the_file_unless_the_cluster_has_one() {
        assertThat(interval(new Configuration())).isEqualTo(Duration.ofSeconds(10));

        Configuration cluster = new Configuration();
        cluster.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(3));
        assertThat(interval(cluster)).isEqualTo(Duration.ofSeconds(3));
    }

    private static Duration interval(Configuration cluster) {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(cluster);
        CdcJob.configure(environment, parse(FILE), cluster);
        return Duration.ofMillis(environment.getCheckpointConfig().getCheckpointInterval());
    }

    private static StreamGraph graph(String file) {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
        CdcJob.configure(environment, parse(file), new Configuration());
        Pipeline.define(environment, parse(file));
        return environment.getStreamGraph();
    }

    private static PipelineConfig parse(String file) {
        return new ConfigLoader().parse(file, "test.yaml", Path.of("."));
    }
}
