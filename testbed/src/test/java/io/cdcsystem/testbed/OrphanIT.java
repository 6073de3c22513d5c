package io.cdcsystem.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A build that is killed must not leave servers behind. */
class OrphanIT {

    private static final String STARTED = "started";

    @Test
    void servers_and_their_directories_go_when_their_jvm_is_killed() throws IOException {
        Process owner = startOwner();
        List<ProcessHandle> servers = owner.toHandle().descendants().toList();
        assertThat(names(servers)).contains("postgres", "java", "sh");
        assertThat(directoriesOf(owner)).hasSize(1);

        owner.destroyForcibly();

        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(servers).noneMatch(ServerProcess::isRunning);
            assertThat(directoriesOf(owner)).isEmpty();
        });
    }

    @Test
    void directories_of_killed_servers_go_when_their_jvm_ends_in_order() throws IOException {
        Process owner = startOwner();
        assertThat(directoriesOf(owner)).hasSize(1);

        owner.getOutputStream().close();

        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(owner.isAlive()).isFalse();
            assertThat(directoriesOf(owner)).isEmpty();
        });
    }

    private static Process startOwner() throws IOException {
        Process owner = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Owner.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(owner.getInputStream(), StandardCharsets.US_ASCII));
        assertThat(output.readLine()).isEqualTo(STARTED);
        return owner;
    }

    private static List<String> names(List<ProcessHandle> processes) {
        return processes.stream()
                .flatMap(each -> each.info().command().stream())
                .map(each -> String.valueOf(Path.of(each).getFileName()))
                .map(each -> each.equals("dash") || each.equals("bash") ? "sh" : each)
                .toList();
    }

    private static List<Path> directoriesOf(Process owner) throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(temporary, "cdc-testbed-" + owner.pid() + "-*")) {
            all.forEach(found::add);
        }
        return found;
    }

    /** The JVM to be killed: one server is busy, one has been killed before, one runs. */
    static final class Owner {

        private Owner() {}

        public static void main(String[] arguments) throws IOException, SQLException {
            PostgresServer postgres = PostgresServer.start();
            PostgresServer killed =
                    PostgresServer.builder().version(PostgresVersion.V14).start();
            killed.kill();
            KafkaBroker.startProcess();
            try (Connection busy = postgres.connect()) {
                busy.setAutoCommit(false);
                System.out.println(STARTED);
                while (System.in.read() >= 0) {
                    // Until the test closes the pipe or kills this JVM.
                }
            }
        }
    }
}
