package io.cdcsystem.schema.registry;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A file of certificates, or of a private key with its certificates. It lies on every machine that speaks to the registry.
 *
 * @param location the file's path
 * @param type how it is written
 * @param password opens the store, or decrypts a PEM file's private key; null for none; never printed
 */
public record TlsStore(String location, Type type, @Nullable String password) implements Serializable {

    /** How a store is written. */
    public enum Type {
        /** The standard container, {@code .p12} or {@code .pfx}. */
        PKCS12,
        /** Java's old container. */
        JKS,
        /** Text: X.509 certificates, and a key as PKCS#8. */
        PEM
    }

    /** Rejects a missing location. */
    public TlsStore {
        if (location.isBlank()) {
            throw new IllegalArgumentException("a store of certificates has a location");
        }
    }

    @Override
    public String toString() {
        return "TlsStore[location=" + location + ", type=" + type + ", password=" + (password == null ? "null" : "***")
                + "]";
    }
}
