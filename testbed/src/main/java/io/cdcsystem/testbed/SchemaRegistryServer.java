package io.cdcsystem.testbed;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/**
 * A real schema registry (Apicurio) with Confluent's REST interface, set to Confluent's default compatibility,
 * BACKWARD, of which Apicurio's own is the opposite: NONE.
 *
 * <p>{@link #url}: any thread; the rest: one at a time.
 */
public final class SchemaRegistryServer implements AutoCloseable {

    private static final String CONFLUENT = "/apis/ccompat/v7";
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

    private final Backend backend;

    private SchemaRegistryServer(Backend backend) {
        this.backend = backend;
    }

    public static SchemaRegistryServer start() {
        SchemaRegistryServer server = new SchemaRegistryServer(
                ContainerBackend.isChosen() ? ContainerBackend.registry() : new RegistryProcess());
        server.setCompatibility();
        return server;
    }

    /** Base URL for a client of Confluent's registry; the same after a restart. */
    public String url() {
        return url(backend.host(), backend.port());
    }

    /** SIGKILL; schemas stay, but in a container's memory. */
    public void kill() {
        backend.kill();
    }

    /** Starts the registry on its schemas and port, stopping it first when it runs. */
    public void restart() {
        backend.restart();
        setCompatibility();
    }

    /** The end of the registry's log. */
    public String logTail() {
        return backend.logTail();
    }

    /** Stops the registry and deletes its schemas. */
    @Override
    public void close() {
        backend.close();
    }

    static boolean answers(String host, int port) {
        return Probe.accepts(host, port)
                && status(HttpRequest.newBuilder(URI.create(url(host, port) + "/subjects"))) == 200;
    }

    private void setCompatibility() {
        int status = status(HttpRequest.newBuilder(URI.create(url() + "/config"))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"compatibility\":\"BACKWARD\"}")));
        if (status != 200) {
            String tail = logTail();
            close();
            throw new ServerFailedException("the registry refused PUT /config with status " + status + "\n" + tail);
        }
    }

    private static String url(String host, int port) {
        return "http://" + host + ":" + port + CONFLUENT;
    }

    /** The answer's status, or -1 when there is none. */
    private static int status(HttpRequest.Builder request) {
        try {
            return HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .build()
                    .send(request.timeout(REQUEST_TIMEOUT).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerFailedException("interrupted while waiting for the registry", e);
        }
    }
}
