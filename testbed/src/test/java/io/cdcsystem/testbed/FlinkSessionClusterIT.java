package io.cdcsystem.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlinkSessionClusterIT {

    private static final Pattern JAR = Pattern.compile("\"filename\":\"[^\"]*?([^/\"]+)\"");
    private static final Pattern JOB = Pattern.compile("\"jobid\":\"([0-9a-f]+)\"");

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void a_job_goes_on_from_its_checkpoint_on_a_new_task_manager(@TempDir Path directory)
            throws IOException, InterruptedException {
        try (FlinkSessionCluster cluster = FlinkSessionCluster.start(classpath(), 2, 1, directory.resolve("state"))) {
            String job = submit(cluster, jar(directory));
            awaitText(cluster, "/jobs/" + job + "/checkpoints", "\"completed\":[1-9]");
            assertThat(Files.exists(directory.resolve("state/checkpoints"))).isTrue();

            cluster.killTaskManager(0);
            assertThat(cluster.taskManagers()).containsExactly(1);
            awaitText(cluster, "/jobs/" + job, "\"state\":\"RESTARTING\"|\"state\":\"RUNNING\"");
            assertThat(cluster.startTaskManager()).isEqualTo(2);

            awaitText(cluster, "/jobs/" + job + "/checkpoints", "\"restored\":[1-9]");
            awaitText(cluster, "/jobs/" + job, "\"state\":\"RUNNING\"");
        }
    }

    private void awaitText(FlinkSessionCluster cluster, String path, String pattern) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(get(cluster, path))
                .as(() -> cluster.logTail())
                .containsPattern(pattern));
    }

    private String submit(FlinkSessionCluster cluster, Path jar) throws IOException, InterruptedException {
        String boundary = UUID.randomUUID().toString();
        byte[] head = ("--" + boundary
                        + "\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"job.jar\"\r\n"
                        + "Content-Type: application/x-java-archive\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] foot = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII);
        String uploaded = send(HttpRequest.newBuilder(URI.create(cluster.restUrl() + "/jars/upload"))
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(HttpRequest.BodyPublishers.ofByteArrays(List.of(head, Files.readAllBytes(jar), foot))));
        Matcher id = JAR.matcher(uploaded);
        assertThat(id.find()).as(uploaded).isTrue();
        String run = send(HttpRequest.newBuilder(URI.create(cluster.restUrl() + "/jars/" + id.group(1) + "/run"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"entryClass\":\"" + EndlessJob.class.getName() + "\",\"parallelism\":2}")));
        Matcher job = JOB.matcher(run);
        assertThat(job.find()).as(run).isTrue();
        return job.group(1);
    }

    private String get(FlinkSessionCluster cluster, String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(cluster.restUrl() + path)));
    }

    private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static List<Path> classpath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(each -> each.endsWith(".jar"))
                .map(Path::of)
                .toList();
    }

    /** The job's one class, as a client would upload it. */
    private static Path jar(Path directory) throws IOException {
        Path jar = directory.resolve("job.jar");
        String entry = EndlessJob.class.getName().replace('.', '/') + ".class";
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file);
                InputStream in = EndlessJob.class.getClassLoader().getResourceAsStream(entry)) {
            assertThat(in).isNotNull();
            out.putNextEntry(new JarEntry(entry));
            in.transferTo(out);
        }
        return jar;
    }
}
