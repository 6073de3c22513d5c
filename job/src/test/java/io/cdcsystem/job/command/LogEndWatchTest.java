package io.cdcsystem.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S6")
class LogEndWatchTest {
    private volatile String status = "RUNNING";
    private volatile long startTime = 1000;
    private volatile String gauge = "1.0";

    private HttpServer server;
    private LogEndWatch watch;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/jobs/j", this::answer);
        server.start();
        watch = new LogEndWatch(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jobs/j"));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    /** Answers as Flink's REST API does. */
    private void answer(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getQuery();
        String body =
                switch (exchange.getRequestURI().getPath()) {
                    case "/jobs/j" ->
                        "{\"vertices\":[{\"id\":\"s\",\"name\":\"sink\",\"status\":\"RUNNING\",\"start-time\":5},"
                                + "{\"id\":\"v\",\"name\":\"Source: cdc-source -> cdc-schema\",\"status\":\"" + status
                                + "\",\"start-time\":" + startTime + "}]}";
                    case "/jobs/j/vertices/s/subtasks/metrics" -> "[{\"id\":\"numRecordsIn\"}]";
                    case "/jobs/j/vertices/v/subtasks/metrics" ->
                        query == null
                                ? "[{\"id\":\"numRecordsOut\"},{\"id\":\"Source__cdc-source.logEndReached\"}]"
                                : "[{\"id\":\"Source__cdc-source.logEndReached\",\"max\":" + gauge + "}]";
                    default -> throw new IOException("asked for " + exchange.getRequestURI());
                };
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private int asksUntilReached() throws InterruptedException {
        for (int asks = 1; asks <= 20; asks++) {
            if (watch.isReached()) {
                return asks;
            }
        }
        return Integer.MAX_VALUE;
    }

    @Test
    void the_end_is_reached_when_the_gauge_says_so_again_and_again() throws Exception {
        gauge = "0.0";
        assertThat(asksUntilReached()).isEqualTo(Integer.MAX_VALUE);
        gauge = "1.0";
        assertThat(asksUntilReached()).isEqualTo(3);
    }

    @Test
    void what_a_failed_attempt_left_behind_is_not_believed() throws Exception {
        asksUntilReached();
        status = "INITIALIZING";
        assertThat(asksUntilReached()).isEqualTo(Integer.MAX_VALUE);
        status = "RUNNING";
        startTime = 2000;
        assertThat(watch.isReached()).isFalse();
        assertThat(watch.isReached()).isFalse();
        gauge = "0.0";
        assertThat(asksUntilReached()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void another_attempt_between_two_answers_begins_the_count_anew() throws Exception {
        assertThat(asksUntilReached()).isLessThan(Integer.MAX_VALUE);
        startTime = 2000;
        assertThat(asksUntilReached()).isEqualTo(4);
    }

    @Test
    void no_answer_counts_as_no() throws Exception {
        server.stop(0);
        assertThat(asksUntilReached()).isEqualTo(Integer.MAX_VALUE);
    }
}
