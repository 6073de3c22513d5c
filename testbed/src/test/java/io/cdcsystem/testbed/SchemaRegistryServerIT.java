package io.cdcsystem.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SchemaRegistryServerIT {

    private static final String OF_STRING = record("{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"string\\\"}");
    private static final String WITH_NEW_REQUIRED_FIELD = record(
            "{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"string\\\"},{\\\"name\\\":\\\"b\\\",\\\"type\\\":\\\"int\\\"}");

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void schemas_survive_a_kill_and_compatibility_is_backward() throws Exception {
        try (SchemaRegistryServer registry = SchemaRegistryServer.start()) {
            String url = registry.url();
            HttpResponse<String> registered = register(url, OF_STRING);
            assertThat(registered.statusCode()).isEqualTo(200);

            registry.kill();
            registry.restart();

            assertThat(registry.url()).isEqualTo(url);
            assertThat(register(url, OF_STRING).body()).isEqualTo(registered.body());
            assertThat(get(url + "/subjects")).contains("s-value");
            assertThat(get(url + "/config")).contains("BACKWARD");
            assertThat(register(url, WITH_NEW_REQUIRED_FIELD).statusCode()).isEqualTo(409);
        }
    }

    private static String record(String fields) {
        return "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\",\\\"fields\\\":[" + fields + "]}\"}";
    }

    private HttpResponse<String> register(String url, String body) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(url + "/subjects/s-value/versions"))
                        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .timeout(Duration.ofSeconds(20))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private String get(String url) throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(URI.create(url))
                                .timeout(Duration.ofSeconds(20))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
