package io.cdcsystem.schema.registry;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Collections;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** From stores in files to what Java's clients take. */
final class TlsContexts {
    private static final char[] NO_PASSWORD = new char[0];

    private TlsContexts() {}

    /** The context; {@code CONFIG_INVALID} names the file that cannot be used. */
    static SSLContext of(TlsConfig config) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers(config), trustManagers(config.truststore()), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new CdcException(ErrorCode.CONFIG_INVALID, "TLS to the registry cannot be set up: " + e, e);
        }
    }

    private static TrustManager @Nullable [] trustManagers(@Nullable TlsStore store) throws GeneralSecurityException {
        if (store == null) {
            return null;
        }
        KeyStore certificates = load("truststore", store, store.password());
        if (!Collections.list(certificates.aliases()).stream().anyMatch(alias -> isCertificate(certificates, alias))) {
            throw unusable("truststore", store, "it holds no certificate of an authority", null);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(certificates);
        return factory.getTrustManagers();
    }

    private static KeyManager @Nullable [] keyManagers(TlsConfig config) throws GeneralSecurityException {
        TlsStore store = config.keystore();
        if (store == null) {
            return null;
        }
        String password = config.keyPassword() == null ? store.password() : config.keyPassword();
        KeyStore keys = load("keystore", store, password);
        if (!Collections.list(keys.aliases()).stream().anyMatch(alias -> isKey(keys, alias))) {
            throw unusable("keystore", store, "it holds no private key", null);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        try {
            factory.init(keys, store.type() == TlsStore.Type.PEM ? NO_PASSWORD : chars(password));
        } catch (GeneralSecurityException e) {
            throw unusable("keystore", store, "its key does not open: check the key's password", e);
        }
        return factory.getKeyManagers();
    }

    private static KeyStore load(String role, TlsStore store, @Nullable String keyPassword) {
        Path file = Path.of(store.location());
        try {
            if (store.type() == TlsStore.Type.PEM) {
                return PemFile.read(file, chars(keyPassword));
            }
            KeyStore loaded = KeyStore.getInstance(store.type().name());
            try (InputStream in = Files.newInputStream(file)) {
                // Without a password a PKCS#12 file would open and show no certificates.
                loaded.load(in, chars(store.password()));
            }
            return loaded;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw unusable(role, store, e.toString(), e);
        }
    }

    private static CdcException unusable(String role, TlsStore store, String why, @Nullable Throwable cause) {
        return new CdcException(
                ErrorCode.CONFIG_INVALID,
                "the registry's " + role + " " + store.location() + " (" + store.type() + ") cannot be used: " + why
                        + "; check path, type and password, and that the file is on this machine",
                cause);
    }

    private static boolean isCertificate(KeyStore store, String alias) {
        try {
            return store.isCertificateEntry(alias);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a store that was not loaded", e);
        }
    }

    private static boolean isKey(KeyStore store, String alias) {
        try {
            return store.isKeyEntry(alias);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a store that was not loaded", e);
        }
    }

    private static char[] chars(@Nullable String password) {
        return password == null ? NO_PASSWORD : password.toCharArray();
    }
}
