package io.cdcsystem.job.command;

import io.cdcsystem.job.config.PipelineConfig;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.Finding;
import io.cdcsystem.schema.error.Finding.Severity;
import io.cdcsystem.schema.registry.HttpSchemaRegistry;
import io.cdcsystem.schema.registry.RetryPolicy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Asks each configured schema registry for its subjects: reachable, and with these credentials. */
final class RegistryPreflight {
    private static final String COMPONENT = "registry";
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;

    private RegistryPreflight() {}

    /** One finding per URL. One that answers suffices to run, so the others are warnings then. */
    static List<Finding> run(PipelineConfig.Registry registry) throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
        for (String url : registry.urls()) {
            boolean ownTrust = registry.tls() != null && url.startsWith("https:");
            findings.add(ownTrust ? askSecurely(url, registry) : ask(client, url, registry));
        }
        if (findings.stream().noneMatch(finding -> finding.severity() == Severity.OK)) {
            return findings;
        }
        return findings.stream()
                .map(finding -> finding.severity() == Severity.ERROR ? asWarning(finding) : finding)
                .toList();
    }

    /** With the certificates of the pipeline file. */
    private static Finding askSecurely(String url, PipelineConfig.Registry registry) {
        RetryPolicy once = new RetryPolicy(TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT);
        try {
            new HttpSchemaRegistry(registry.client(List.of(url)), once).versions("cdc-check");
            return new Finding(Severity.OK, COMPONENT, url, "the registry answers", null);
        } catch (CdcException e) {
            return error(url, String.valueOf(e.getMessage()), "correct registry.url, registry.ssl or the credentials");
        }
    }

    private static Finding ask(HttpClient client, String url, PipelineConfig.Registry registry)
            throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(url.endsWith("/") ? url + "subjects" : url + "/subjects"))
                .timeout(TIMEOUT)
                .GET();
        if (registry.username() != null) {
            byte[] credentials = (registry.username() + ":" + registry.password()).getBytes(StandardCharsets.UTF_8);
            request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
        }
        try {
            int status = client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
            return switch (status) {
                case OK -> new Finding(Severity.OK, COMPONENT, url, "the registry answers", null);
                case UNAUTHORIZED, FORBIDDEN ->
                    error(
                            url,
                            "the registry refuses the credentials (HTTP " + status + ")",
                            "set registry.username and registry.password to an account that may read and register");
                default ->
                    error(
                            url,
                            "no schema registry answers here (HTTP " + status + ")",
                            "set registry.url to the base of the Confluent REST API; Apicurio's ends with /apis/ccompat/v7");
            };
        } catch (IOException e) {
            return error(url, "the registry cannot be reached (" + e + ")", "start it, or correct registry.url");
        }
    }

    private static Finding error(String url, String message, String remedy) {
        return new Finding(Severity.ERROR, COMPONENT, url, message, remedy);
    }

    private static Finding asWarning(Finding finding) {
        return new Finding(
                Severity.WARNING, finding.component(), finding.subject(), finding.message(), finding.remedy());
    }
}
