package io.cdcsystem.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    @Test
    void a_server_that_dies_before_it_is_ready_fails_with_its_log() {
        ServerProcess process = start("echo out of order; exit 3");
        assertThatThrownBy(() -> process.awaitReady(() -> false, LONG))
                .isInstanceOf(ServerFailedException.class)
                .hasMessageContaining("died")
                .hasMessageContaining("out of order");
    }

    @Test
    void a_server_that_is_never_ready_is_killed_at_the_deadline_and_fails_with_its_log() {
        ServerProcess process = start("echo waiting; exec sleep 600");
        assertThatThrownBy(() -> process.awaitReady(() -> false, Duration.ofMillis(500)))
                .isInstanceOf(ServerFailedException.class)
                .hasMessageContaining("not ready after PT0.5S")
                .hasMessageContaining("waiting");
        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void a_server_deaf_to_its_signal_is_killed_with_its_children() {
        ServerProcess process = start("trap '' TERM; sleep 600 & echo up; wait");
        process.awaitReady(() -> process.logTail().contains("up"), LONG);
        List<ProcessHandle> children =
                ProcessHandle.of(process.pid()).orElseThrow().children().toList();
        assertThat(children).hasSize(1);

        process.stop("TERM", Duration.ofMillis(300));

        assertThat(process.isAlive()).isFalse();
        assertThat(children).noneMatch(ServerProcess::isRunning);
    }

    @Test
    void killing_a_server_that_is_gone_does_nothing() {
        ServerProcess process = start("exit 0");
        process.kill();
        process.kill();
        assertThat(process.isAlive()).isFalse();
    }

    private ServerProcess start(String script) {
        return ServerProcess.start(
                "test", List.of("sh", "-c", script), Map.of(), directory, directory.resolve("log"), "KILL");
    }
}
