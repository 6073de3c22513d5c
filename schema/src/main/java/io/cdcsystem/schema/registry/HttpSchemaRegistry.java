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
import org.jspecify.annotations.Nullable;

/**
 * A registry behind Confluent's REST API, at one or several base URLs.
 *
 * <p>Connection failures, timeouts, 429 and 5xx move on to the next URL, and after a round of all to a growing pause, until
 * the deadline. The URL that answered last is asked first. Any other answer is final.
 */
public final class HttpSchemaRegistry implements SchemaRegistry {
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MESSAGE_MAX = 500;
    private static final long LEAST_PATIENCE_NANOS = 1_000_000;

    private final List<String> urls;
    private final @Nullable String authorization;
    private final RetryPolicy retry;
    private final HttpClient client;
    private final AtomicInteger preferred = new AtomicInteger();

    /** A client with the default patience. */
    public HttpSchemaRegistry(RegistryConfig config) {
        this(config, RetryPolicy.DEFAULT);
    }

    /** A client of that patience. */
    public HttpSchemaRegistry(RegistryConfig config, RetryPolicy retry) {
        this.urls = config.urls().stream()
                .map(url -> url.endsWith("/") ? url.substring(0, url.length() - 1) : url)
                .toList();
        this.authorization = config.username() == null
                ? null
                : "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        (config.username() + ":" + config.password()).getBytes(StandardCharsets.UTF_8));
        this.retry = retry;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(retry.requestTimeout())
                .build();
    }

    @Override
    public int register(String subject, String avroSchemaJson) {
        String body = JSON.createObjectNode().put("schema", avroSchemaJson).toString();
        String what = "schema of subject " + subject;
        HttpResponse<String> response = call("/subjects/" + encode(subject) + "/versions", body, what);
        if (response.statusCode() == 409) {
            throw new CdcException(
                    ErrorCode.SCHEMA_REJECTED,
                    "the schema registry refused the " + what + " as incompatible with its earlier versions: "
                            + message(response)
                            + "; change the subject's compatibility or undo the change of the table");
        }
        JsonNode id = answer(response, what).path("id");
        if (!id.canConvertToInt()) {
            throw notARegistry(response, what);
        }
        return id.intValue();
    }

    @Override
    public String schemaById(int id) {
        String what = "schema of id " + id;
        HttpResponse<String> response = call("/schemas/ids/" + id, null, what);
        JsonNode answer = answer(response, what);
        JsonNode type = answer.path("schemaType");
        if (type.isTextual() && !"AVRO".equals(type.textValue())) {
            throw new CdcException(
                    ErrorCode.SCHEMA_REJECTED,
                    "the " + what + " is of type " + type.textValue()
                            + " and not AVRO: read this topic with its own format");
        }
        JsonNode schema = answer.path("schema");
        if (!schema.isTextual()) {
            throw notARegistry(response, what);
        }
        return schema.textValue();
    }

    /** The body of a success; an error for every other answer. */
    private static JsonNode answer(HttpResponse<String> response, String what) {
        int status = response.statusCode();
        if (status >= 200 && status < 300) {
            try {
                return JSON.readTree(response.body());
            } catch (JsonProcessingException e) {
                throw notARegistry(response, what);
            }
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

    /** Any answer that is final; retries until the deadline. */
    private HttpResponse<String> call(String path, @Nullable String body, String what) {
        long deadline = System.nanoTime() + retry.deadline().toNanos();
        Duration backoff = retry.firstBackoff();
        for (int attempt = 1; ; attempt++) {
            int index = Math.floorMod(preferred.get(), urls.size());
            String failure;
            IOException cause = null;
            try {
                HttpResponse<String> response = send(urls.get(index) + path, body, deadline);
                if (response.statusCode() < 500 && response.statusCode() != 429) {
                    return response;
                }
                failure = urls.get(index) + " answered status " + response.statusCode() + ": " + message(response);
            } catch (IOException e) {
                failure = urls.get(index) + " failed: " + e;
                cause = e;
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

    private HttpResponse<String> send(String url, @Nullable String body, long deadline)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url)).header("Accept", CONTENT_TYPE + ", application/json");
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        if (body != null) {
            request.header("Content-Type", CONTENT_TYPE)
                    .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        }
        // HttpRequest.timeout() ends with the answer's headers; a body that never ends must not hang us either.
        long patience = Math.min(
                retry.requestTimeout().toNanos(), Math.max(deadline - System.nanoTime(), LEAST_PATIENCE_NANOS));
        CompletableFuture<HttpResponse<String>> answer =
                client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
        try {
            return answer.get(patience, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new HttpTimeoutException("no answer within " + Duration.ofNanos(patience));
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        }
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

    private static CdcException notARegistry(HttpResponse<String> response, String what) {
        return new CdcException(
                ErrorCode.SCHEMA_REJECTED,
                origin(response) + " does not answer like a schema registry when asked for the " + what + ": "
                        + abbreviated(response.body()) + "; check the registry's url");
    }

    /** The registry's own words: {@code {"error_code":…,"message":…}}, or whatever stands there. */
    private static String message(HttpResponse<String> response) {
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

    private static String encode(String pathSegment) {
        return URLEncoder.encode(pathSegment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    @Override
    public RegisteredSchema newest(String subject) {
        return registered(subject, "latest", "newest schema of subject " + subject);
    }

    @Override
    public RegisteredSchema version(String subject, int version) {
        return registered(
                subject, Integer.toString(version), "schema of version " + version + " of subject " + subject);
    }

    private RegisteredSchema registered(String subject, String version, String what) {
        HttpResponse<String> response = call("/subjects/" + encode(subject) + "/versions/" + version, null, what);
        JsonNode answer = answer(response, what);
        JsonNode id = answer.path("id");
        JsonNode number = answer.path("version");
        JsonNode schema = answer.path("schema");
        if (!id.canConvertToInt() || !number.canConvertToInt() || !schema.isTextual()) {
            throw notARegistry(response, what);
        }
        return new RegisteredSchema(id.intValue(), number.intValue(), schema.textValue());
    }
}
