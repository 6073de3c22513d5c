package io.cdcsystem.schema.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Calls to one of a registry's base URLs.
 *
 * <p>Connection failures, timeouts, 429 and 5xx move on to the next URL, and after a round of all to a growing pause, until
 * the deadline. The URL that answered last is asked first. Any other answer is final.
 */
final class RegistryTransport {
    private static final String CONFLUENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MESSAGE_MAX = 500;
    private static final long LEAST_PATIENCE_NANOS = 1_000_000;

    private final List<String> urls;
    private final @Nullable String authorization;
    private final RetryPolicy retry;
    private final HttpClient client;
    private final AtomicInteger preferred;
    private final String contentType;

    /** Where a call goes and what for. */
    record Call(String method, String path, @Nullable String body, String what) {
        static Call get(String path, String what) {
            return new Call("GET", path, null, what);
        }

        static Call post(String path, String body, String what) {
            return new Call("POST", path, body, what);
        }

        static Call put(String path, String body, String what) {
            return new Call("PUT", path, body, what);
        }

        static Call delete(String path, String what) {
            return new Call("DELETE", path, null, what);
        }
    }

    RegistryTransport(RegistryConfig config, RetryPolicy retry) {
        this(
                config.urls().stream()
                        .map(url -> url.endsWith("/") ? url.substring(0, url.length() - 1) : url)
                        .toList(),
                authorization(config),
                retry,
                client(config, retry),
                new AtomicInteger(),
                CONFLUENT_TYPE);
    }

    private RegistryTransport(
            List<String> urls,
            @Nullable String authorization,
            RetryPolicy retry,
            HttpClient client,
            AtomicInteger preferred,
            String contentType) {
        this.urls = urls;
        this.authorization = authorization;
        this.retry = retry;
        this.client = client;
        this.preferred = preferred;
        this.contentType = contentType;
    }

    /** The base URLs, without a slash at their end. */
    List<String> urls() {
        return urls;
    }

    /** The same servers under other base URLs, one for each, that take another type of content. */
    RegistryTransport at(UnaryOperator<String> newUrl, String newContentType) {
        return new RegistryTransport(
                urls.stream().map(newUrl).toList(), authorization, retry, client, preferred, newContentType);
    }

    private static @Nullable String authorization(RegistryConfig config) {
        if (config.username() == null) {
            return null;
        }
        byte[] credentials = (config.username() + ":" + config.password()).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(credentials);
    }

    private static HttpClient client(RegistryConfig config, RetryPolicy retry) {
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(retry.requestTimeout());
        if (config.tls() != null) {
            builder.sslContext(TlsContexts.of(config.tls()));
        }
        return builder.build();
    }

    /** Any answer that is final; retries until the deadline. */
    HttpResponse<String> call(Call call) {
        String what = call.what();
        long deadline = System.nanoTime() + retry.deadline().toNanos();
        Duration backoff = retry.firstBackoff();
        String failure = "";
        IOException cause = null;
        for (int attempt = 1; ; attempt++) {
            int index = Math.floorMod(preferred.get(), urls.size());
            try {
                HttpResponse<String> response = send(urls.get(index), call, deadline);
                if (response.statusCode() < 500 && response.statusCode() != 429) {
                    return response;
                }
                failure = urls.get(index) + " answered status " + response.statusCode() + ": " + message(response);
                cause = null;
            } catch (IOException e) {
                // An attempt that the deadline cut short says less than the one before it.
                if (failure.isEmpty() || !(e instanceof CutShortException)) {
                    failure = urls.get(index) + " failed: " + described(e);
                    cause = e;
                }
            } catch (InterruptedException e) {
                throw interrupted(what, e);
            }
            preferred.compareAndSet(index, (index + 1) % urls.size());
            boolean roundDone = attempt % urls.size() == 0;
            Duration pause = roundDone ? backoff : Duration.ZERO;
            if (System.nanoTime() + pause.toNanos() - deadline >= 0) {
                throw new CdcException(
                        ErrorCode.REGISTRY_UNREACHABLE,
                        "no schema registry of " + urls + " answered for the " + what + " within " + retry.deadline()
                                + " (" + attempt + " attempts); last, " + failure
                                + "; check that it runs and is reachable",
                        cause);
            }
            if (roundDone) {
                pause(pause, what);
                backoff = min(backoff.multipliedBy(2), retry.maxBackoff());
            }
        }
    }

    private HttpResponse<String> send(String url, Call call, long deadline) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + call.path()))
                .header("Accept", CONFLUENT_TYPE + ", application/json");
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.noBody();
        if (call.body() != null) {
            request.header("Content-Type", contentType);
            body = HttpRequest.BodyPublishers.ofString(call.body(), StandardCharsets.UTF_8);
        }
        request.method(call.method(), body);
        // HttpRequest.timeout() ends with the answer's headers; a body that never ends must not hang us either.
        long patience = Math.min(
                retry.requestTimeout().toNanos(), Math.max(deadline - System.nanoTime(), LEAST_PATIENCE_NANOS));
        CompletableFuture<HttpResponse<String>> answer =
                client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
        try {
            return answer.get(patience, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            String late = "no answer within " + Duration.ofNanos(patience);
            throw patience < retry.requestTimeout().toNanos()
                    ? new CutShortException(late)
                    : new HttpTimeoutException(late);
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        }
    }

    /** The body of a success; an error for every other answer. */
    static JsonNode answer(HttpResponse<String> response, String what) {
        try {
            return JSON.readTree(checked(response, what).body());
        } catch (JsonProcessingException e) {
            throw notARegistry(response, what);
        }
    }

    /** The answer itself, if it is a success; an error for every other. */
    static HttpResponse<String> checked(HttpResponse<String> response, String what) {
        int status = response.statusCode();
        if (status >= 200 && status < 300) {
            return response;
        }
        String remedy =
                switch (status) {
                    case 401, 403 -> "check the registry's username and password";
                    case 404 -> "check the registry's url, and that the schema was not deleted";
                    default -> "see the registry's log";
                };
        throw new CdcException(
                ErrorCode.SCHEMA_REJECTED,
                "the schema registry at " + origin(response) + " refused the " + what + " with status " + status + ": "
                        + message(response) + "; " + remedy);
    }

    private static String described(IOException e) {
        if (e instanceof SSLException) {
            return e + " (check the truststore, the keystore and the url's host)";
        }
        return e instanceof CutShortException ? String.valueOf(e.getMessage()) : e.toString();
    }

    private static void pause(Duration pause, String what) {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            throw interrupted(what, e);
        }
    }

    private static CdcException interrupted(String what, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new CdcException(
                ErrorCode.REGISTRY_UNREACHABLE, "interrupted while asking the registry for the " + what, e);
    }

    static CdcException notARegistry(HttpResponse<String> response, String what) {
        return new CdcException(
                ErrorCode.SCHEMA_REJECTED,
                origin(response) + " does not answer like a schema registry when asked for the " + what + ": "
                        + abbreviated(response.body()) + "; check the registry's url");
    }

    /** The registry's own words: {@code {"error_code":…,"message":…}}, or whatever stands there. */
    static String message(HttpResponse<String> response) {
        try {
            JsonNode message = JSON.readTree(response.body()).path("message");
            return abbreviated(message.isTextual() ? message.textValue() : response.body());
        } catch (JsonProcessingException e) {
            return abbreviated(response.body());
        }
    }

    private static String abbreviated(String text) {
        return text.length() <= MESSAGE_MAX ? text : text.substring(0, MESSAGE_MAX) + "…";
    }

    private static String origin(HttpResponse<String> response) {
        return response.uri().getScheme() + "://" + response.uri().getAuthority();
    }

    /** As a segment of a path. */
    static String encode(String pathSegment) {
        return URLEncoder.encode(pathSegment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** The deadline of the whole call ended an attempt before its own time. */
    private static final class CutShortException extends IOException {
        private static final long serialVersionUID = 1L;

        CutShortException(String message) {
            super(message);
        }
    }
}
