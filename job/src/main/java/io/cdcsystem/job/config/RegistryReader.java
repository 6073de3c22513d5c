package io.cdcsystem.job.config;

import io.cdcsystem.schema.registry.TlsConfig;
import io.cdcsystem.schema.registry.TlsStore;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code registry}. */
final class RegistryReader {
    private final Section section;

    RegistryReader(Section section) {
        this.section = section;
    }

    PipelineConfig.@Nullable Registry read() {
        List<String> urls = section.texts("url", "required with debezium-avro", List.of());
        String username = section.optionalText("username");
        String password = section.optionalText("password");
        Duration cacheTtl = PipelineReader.positive(section, "cache-ttl", "5m");
        for (String url : urls) {
            if (!isHttp(url)) {
                // Not echoed: people put credentials into URLs.
                section.problem("url", "must be http://host:port/path or https://…, without credentials in it");
            }
        }
        if ((username == null) != (password == null)) {
            section.problem(username == null ? "username" : "password", "is required: both or none of the two");
        }
        if (section.isPresent() && urls.isEmpty()) {
            section.problem("url", "is required in a registry section");
        }
        TlsConfig tls = tls(urls);
        return urls.isEmpty() ? null : new PipelineConfig.Registry(urls, username, password, cacheTtl, tls);
    }

    private @Nullable TlsConfig tls(List<String> urls) {
        TlsStore truststore = store("ssl.truststore");
        TlsStore keystore = store("ssl.keystore");
        String keyPassword = section.optionalText("ssl.key.password");
        if (keyPassword != null && keystore == null) {
            section.problem("ssl.key.password", "goes with registry.ssl.keystore.location");
            return null;
        }
        if (truststore == null && keystore == null) {
            return null;
        }
        if (urls.stream().noneMatch(url -> url.startsWith("https:"))) {
            section.problem(
                    truststore == null ? "ssl.keystore.location" : "ssl.truststore.location",
                    "needs an https url in registry.url");
            return null;
        }
        return new TlsConfig(truststore, keystore, keyPassword);
    }

    private @Nullable TlsStore store(String name) {
        Map<String, TlsStore.Type> types = new LinkedHashMap<>();
        types.put("pkcs12", TlsStore.Type.PKCS12);
        types.put("jks", TlsStore.Type.JKS);
        types.put("pem", TlsStore.Type.PEM);
        String location = section.optionalText(name + ".location");
        TlsStore.Type type = section.choice(name + ".type", types, "pkcs12");
        String password = section.optionalText(name + ".password");
        if (location == null) {
            if (password != null) {
                section.problem(name + ".password", "goes with registry." + name + ".location");
            }
            return null;
        }
        if (location.isBlank()) {
            section.problem(name + ".location", "must not be blank");
            return null;
        }
        return new TlsStore(location, type, password);
    }

    private static boolean isHttp(String url) {
        try {
            URI uri = new URI(url);
            return uri.getHost() != null
                    && uri.getUserInfo() == null
                    && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
