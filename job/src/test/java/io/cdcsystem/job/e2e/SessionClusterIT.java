package io.cdcsystem.job.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.testbed.FlinkSessionCluster;
import io.cdcsystem.testbed.KafkaBroker;
import io.cdcsystem.testbed.PostgresServer;
import io.cdcsystem.testbed.load.ShopDatabase;
import io.cdcsystem.testbed.load.ShopWorkload;
import io.cdcsystem.testbed.verify.Findings;
import io.cdcsystem.testbed.verify.HistoryCheck;
import io.cdcsystem.testbed.verify.TopicHistory;
import io.cdcsystem.testbed.verify.TopicReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shaded jar on a standalone session cluster of separate processes, driven through its REST API. */
@Tag("L5")
@Tag("O5")
class SessionClusterIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private FlinkSessionCluster cluster;

    @Test
    void submitted_killed_stopped_with_savepoint_and_restored_nothing_is_lost_or_doubled() throws Exception {
        try (PostgresServer postgres = PostgresServer.start();
                KafkaBroker kafka = KafkaBroker.startProcess();
                FlinkSessionCluster started = FlinkSessionCluster.start(flinkJars(), 1, 2, folder.resolve("flink"))) {
            cluster = started;
            String database = postgres.createDatabase();
            try (Connection connection = postgres.connect(database)) {
                ShopDatabase.create(connection, 20_000);
            }
            PipelineFile pipeline = PipelineFile.of(
                            "cluster",
                            postgres,
                            database,
                            kafka,
                            List.of("public.customers", "public.orders", "public.order_items"))
                    .guarantee("exactly-once");
            String config = Base64.getEncoder().encodeToString(Files.readAllBytes(pipeline.write(folder)));
            String jar = upload(jobJar());
            TopicHistory history = new TopicHistory();
            try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), true, TopicReader::json)) {
                String job = submit(jar, config, "");
                try (ShopWorkload load = ShopWorkload.start(() -> postgres.connect(database), 4, 100, 3)) {
                    await("changes of the log", () -> {
                        reader.readToEnd(pipeline.topics(), history::accept);
                        return history.records() > history.snapshotRows() + 50;
                    });
                    cluster.killTaskManager(0);
                    cluster.startTaskManager();
                    // Records committed before the kill may show up late: they do not tell that the job is back.
                    await("the job on the new TaskManager", () -> isRestoredAndRunning(job));
                    long seen = history.records();
                    await("changes after the kill", () -> {
                        reader.readToEnd(pipeline.topics(), history::accept);
                        return history.records() > seen + 50;
                    });
                    String savepoint = stopWithSavepoint(job);
                    long transactions = load.committed();
                    await("writes while the job is down", () -> load.committed() > transactions + 50);
                    submit(jar, config, savepoint);
                    await("writes after the restore", () -> load.committed() > transactions + 200);
                }
                try (Connection connection = postgres.connect(database)) {
                    await("all audited changes", () -> {
                        reader.readToEnd(pipeline.topics(), history::accept);
                        return check(connection, history).isClean();
                    });
                }
                assertThat(history.repeats() + history.rereads()).isZero();
                assertThat(history.findings()).isEmpty();
            }
        }
    }

    private static HistoryCheck.Result check(Connection connection, TopicHistory history) throws Exception {
        return HistoryCheck.run(connection, ShopDatabase.TABLES, history, new Findings());
    }

    private static void await(String what, java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await(what).atMost(PATIENCE).until(condition);
    }

    /** Flink's own jars of our class path: what stands in a cluster's lib folder. */
    private static List<Path> flinkJars() {
        return Arrays.stream(System.getProperty("java.class.path").split(System.getProperty("path.separator")))
                .map(Path::of)
                .filter(path -> path.getFileName().toString().endsWith(".jar"))
                .filter(path -> !path.getFileName().toString().startsWith("cdc-"))
                .filter(
                        path -> !path.getFileName()
                                .toString()
                                .matches(
                                        "(kafka|flink-connector-kafka|flink-connector-base|postgresql|avro|jackson|picocli|flink-sql|flink-table|flink-test).*"))
                .toList();
    }

    private static Path jobJar() {
        Path jar = Path.of("target", "cdc-job.jar");
        assertThat(jar).as("the job jar that mvn package builds").exists();
        return jar;
    }

    private String upload(Path jar) throws Exception {
        String boundary = UUID.randomUUID().toString();
        byte[] head = ("--" + boundary
                        + "\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"job.jar\"\r\n"
                        + "Content-Type: application/x-java-archive\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        byte[] tail = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8);
        HttpRequest request = HttpRequest.newBuilder(URI.create(cluster.restUrl() + "/jars/upload"))
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(HttpRequest.BodyPublishers.concat(
                        HttpRequest.BodyPublishers.ofByteArray(head),
                        HttpRequest.BodyPublishers.ofFile(jar),
                        HttpRequest.BodyPublishers.ofByteArray(tail)))
                .build();
        String name = send(request).path("filename").asText();
        return name.substring(name.lastIndexOf('/') + 1);
    }

    private String submit(String jar, String config, String savepoint) throws Exception {
        var body = JSON.createObjectNode();
        body.put("entryClass", "io.cdcsystem.job.CdcJob");
        body.putArray("programArgsList").add("--config-inline").add(config);
        body.put("parallelism", 2);
        if (!savepoint.isEmpty()) {
            body.put("savepointPath", savepoint);
        }
        return post("/jars/" + jar + "/run", body.toString()).path("jobid").asText();
    }

    private boolean isRestoredAndRunning(String job) throws Exception {
        JsonNode checkpoints = get("/jobs/" + job + "/checkpoints");
        boolean running = true;
        for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
            running &= vertex.path("tasks").path("RUNNING").asInt()
                    == vertex.path("parallelism").asInt();
        }
        return running && checkpoints.path("counts").path("restored").asInt() > 0;
    }

    private String stopWithSavepoint(String job) throws Exception {
        String target = folder.resolve("savepoints").toUri().toString();
        String request = post("/jobs/" + job + "/stop", "{\"drain\":false,\"targetDirectory\":\"" + target + "\"}")
                .path("request-id")
                .asText();
        String[] location = {""};
        await("the savepoint", () -> {
            JsonNode answer = get("/jobs/" + job + "/savepoints/" + request);
            location[0] = answer.path("operation").path("location").asText();
            assertThat(answer.path("operation").path("failure-cause").isMissingNode())
                    .as(answer.toString())
                    .isTrue();
            return !location[0].isEmpty();
        });
        return location[0];
    }

    private JsonNode get(String path) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(cluster.restUrl() + path)).build());
    }

    private JsonNode post(String path, String body) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(cluster.restUrl() + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private JsonNode send(HttpRequest request) throws Exception {
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
        return JSON.readTree(response.body());
    }
}
