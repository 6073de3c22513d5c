package io.cdcsystem.schema.registry;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Whom a client believes, and as whom it shows itself.
 *
 * @param truststore certificates of the authorities that are believed; null for Java's own
 * @param keystore the client's own key and certificates, for servers that ask for them; null for none
 * @param keyPassword the key's password where it is not the keystore's; never printed
 */
public record TlsConfig(
        @Nullable TlsStore truststore,
        @Nullable TlsStore keystore,
        @Nullable String keyPassword) implements Serializable {

    /** Rejects a key's password without a keystore. */
    public TlsConfig {
        if (keystore == null && keyPassword != null) {
            throw new IllegalArgumentException("a key's password goes with a keystore");
        }
    }

    /** Believes the authorities of a truststore, and shows no certificate. */
    public static TlsConfig trusting(TlsStore truststore) {
        return new TlsConfig(truststore, null, null);
    }

    @Override
    public String toString() {
        return "TlsConfig[truststore=" + truststore + ", keystore=" + keystore + ", keyPassword="
                + (keyPassword == null ? "null" : "***") + "]";
    }
}
