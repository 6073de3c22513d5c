package io.cdcsystem.schema.registry;

import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the registry is reached.
 *
 * @param urls base URLs of its nodes; the next is tried when one fails
 * @param username for basic authentication; null for none
 * @param password goes with {@code username}; never printed
 * @param cacheTtl how long an answer is taken as fresh; an older one still serves while the registry is down
 * @param tls for {@code https} URLs whose certificate Java does not trust by itself, or that ask for the client's; null
 *     for Java's own trust
 */
public record RegistryConfig(
        List<String> urls,
        @Nullable String username,
        @Nullable String password,
        Duration cacheTtl,
        @Nullable TlsConfig tls)
        implements Serializable {

    /** Without settings for TLS. */
    public RegistryConfig(List<String> urls, @Nullable String username, @Nullable String password, Duration cacheTtl) {
        this(urls, username, password, cacheTtl, null);
    }

    /** Rejects a missing or unusable URL, half of the credentials, and a negative duration. */
    public RegistryConfig {
        urls = List.copyOf(urls);
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("a registry has at least one url");
        }
        for (String url : urls) {
            if (!url.startsWith("http://") && !url.startsWith("https://")) {
                throw new IllegalArgumentException("not an http url of a registry: " + url);
            }
            if (URI.create(url).getUserInfo() != null) {
                // Urls are printed in messages; credentials in them would be too.
                throw new IllegalArgumentException(
                        "a registry's credentials go into username and password, not its url");
            }
        }
        if ((username == null) != (password == null)) {
            throw new IllegalArgumentException("a registry's username and password go together");
        }
        if (cacheTtl.isNegative()) {
            throw new IllegalArgumentException("negative time to live: " + cacheTtl);
        }
        if (tls != null && urls.stream().noneMatch(url -> url.startsWith("https://"))) {
            throw new IllegalArgumentException("settings for TLS, and no https url of a registry: " + urls);
        }
    }

    @Override
    public String toString() {
        return "RegistryConfig[urls=" + urls + ", username=" + username + ", password="
                + (password == null ? "null" : "***") + ", cacheTtl=" + cacheTtl + ", tls=" + tls + "]";
    }
}
