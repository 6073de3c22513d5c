package io.cdcsystem.schema.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real TLS server, with certificates that the JDK's own tool made. */
@Tag("E8")
@Timeout(60)
class TlsRegistryTest {
    private static final String PASSWORD = "s3cret-store";
    // The first pause goes beyond the deadline: each call is tried once.
    private static final RetryPolicy ONCE = new RetryPolicy(
            Duration.ofSeconds(20), Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(25));

    @TempDir
    private static Path directory;

    private static HttpsServer open;
    private static HttpsServer askingForCertificates;

    @BeforeAll
    static void start() throws Exception {
        makeKey("server", "PKCS12", "RSA", "dns:localhost,ip:127.0.0.1");
        makeKey("elsewhere", "PKCS12", "RSA", "dns:registry.example");
        makeKey("client", "PKCS12", "EC", "dns:client");
        makeKey("stranger", "PKCS12", "RSA", "dns:stranger");
        trust("server", "trust.p12", "PKCS12");
        trust("server", "trust.jks", "JKS");
        trust("elsewhere", "trust-elsewhere.p12", "PKCS12");
        trust("client", "trust-client.p12", "PKCS12");
        keytool("-exportcert", "-rfc", "-alias", "server", "-keystore", "server.p12", "-file", "server.pem");
        open = serve("server", false);
        askingForCertificates = serve("server", true);
    }

    @AfterAll
    static void stop() {
        open.stop(0);
        askingForCertificates.stop(0);
    }

    @Test
    void a_truststore_of_each_type_opens_the_way() {
        assertThat(register(open, TlsConfig.trusting(store("trust.p12", TlsStore.Type.PKCS12, PASSWORD))))
                .isEqualTo(7);
        assertThat(register(open, TlsConfig.trusting(store("trust.jks", TlsStore.Type.JKS, PASSWORD))))
                .isEqualTo(7);
        assertThat(register(open, TlsConfig.trusting(store("server.pem", TlsStore.Type.PEM, null))))
                .isEqualTo(7);
    }

    @Test
    void a_certificate_that_nobody_vouches_for_is_refused_with_the_remedy() {
        for (TlsConfig config :
                new TlsConfig[] {null, TlsConfig.trusting(store("trust-client.p12", TlsStore.Type.PKCS12, PASSWORD))}) {
            assertThatThrownBy(() -> register(open, config))
                    .isInstanceOfSatisfying(
                            CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REGISTRY_UNREACHABLE))
                    .hasMessageContaining("check the truststore");
        }
    }

    @Test
    void a_trusted_certificate_of_another_host_is_refused() throws Exception {
        HttpsServer elsewhere = serve("elsewhere", false);
        try {
            assertThatThrownBy(() -> register(
                            elsewhere,
                            TlsConfig.trusting(store("trust-elsewhere.p12", TlsStore.Type.PKCS12, PASSWORD))))
                    .hasMessageContaining("the url's host");
        } finally {
            elsewhere.stop(0);
        }
    }

    @Test
    void a_server_that_asks_for_a_certificate_gets_the_keystores() throws Exception {
        TlsStore trust = store("trust.p12", TlsStore.Type.PKCS12, PASSWORD);
        writePem("client", "client.pem", null);
        writePem("client", "client-encrypted.pem", PASSWORD);

        assertThat(register(
                        askingForCertificates,
                        new TlsConfig(trust, store("client.p12", TlsStore.Type.PKCS12, PASSWORD), null)))
                .isEqualTo(7);
        assertThat(register(
                        askingForCertificates,
                        new TlsConfig(trust, store("client.pem", TlsStore.Type.PEM, null), null)))
                .isEqualTo(7);
        assertThat(register(
                        askingForCertificates,
                        new TlsConfig(trust, store("client-encrypted.pem", TlsStore.Type.PEM, PASSWORD), null)))
                .isEqualTo(7);
        assertThatThrownBy(() -> register(askingForCertificates, TlsConfig.trusting(trust)))
                .isInstanceOf(CdcException.class);
        assertThatThrownBy(() -> register(
                        askingForCertificates,
                        new TlsConfig(trust, store("stranger.p12", TlsStore.Type.PKCS12, PASSWORD), null)))
                .isInstanceOf(CdcException.class);
    }

    @Test
    void a_store_that_cannot_be_used_is_named_at_once_and_its_password_is_not() throws Exception {
        Files.writeString(directory.resolve("old.pem"), """
                -----BEGIN RSA PRIVATE KEY-----
                AAAA
                -----END RSA PRIVATE KEY-----
                """);
        assertUnusable(TlsConfig.trusting(store("missing.p12", TlsStore.Type.PKCS12, PASSWORD)), "missing.p12");
        assertUnusable(TlsConfig.trusting(store("trust.p12", TlsStore.Type.PKCS12, "wr0ng-secret")), "trust.p12");
        assertUnusable(TlsConfig.trusting(store("trust.p12", TlsStore.Type.JKS, "wr0ng-secret")), "trust.p12");
        assertUnusable(
                TlsConfig.trusting(store("client.p12", TlsStore.Type.PKCS12, PASSWORD)),
                "no certificate of an authority");
        assertUnusable(TlsConfig.trusting(store("old.pem", TlsStore.Type.PEM, null)), "openssl pkcs8");
        assertUnusable(new TlsConfig(null, store("server.pem", TlsStore.Type.PEM, null), null), "no private key");
        assertUnusable(
                new TlsConfig(null, store("client.p12", TlsStore.Type.PKCS12, PASSWORD), "wr0ng-secret"),
                "the key's password");
    }

    @Test
    void settings_never_print_a_password_and_contradictions_are_refused() {
        TlsConfig tls = new TlsConfig(null, store("client.p12", TlsStore.Type.PKCS12, PASSWORD), "k3y-secret");
        RegistryConfig config = new RegistryConfig(List.of("https://registry"), null, null, Duration.ZERO, tls);

        assertThat(config.toString()).contains("client.p12").doesNotContain(PASSWORD, "k3y-secret");
        assertThatThrownBy(() -> new RegistryConfig(List.of("http://registry"), null, null, Duration.ZERO, tls))
                .hasMessageContaining("http://registry");
        assertThatThrownBy(() -> new TlsConfig(null, null, "k3y-secret")).hasMessageNotContaining("k3y-secret");
        assertThatThrownBy(() -> new TlsStore(" ", TlsStore.Type.PEM, null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertUnusable(TlsConfig tls, String part) {
        assertThatThrownBy(() -> register(open, tls))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
                .hasMessageContaining(part)
                .hasMessageNotContaining(PASSWORD)
                .hasMessageNotContaining("wr0ng-secret");
    }

    private static int register(HttpsServer server, @Nullable TlsConfig tls) {
        String url = "https://localhost:" + server.getAddress().getPort();
        RegistryConfig config = new RegistryConfig(List.of(url), null, null, Duration.ofMinutes(5), tls);
        return new HttpSchemaRegistry(config, ONCE).register("s-value", "\"int\"");
    }

    private static TlsStore store(String file, TlsStore.Type type, @Nullable String password) {
        return new TlsStore(directory.resolve(file).toString(), type, password);
    }

    private static HttpsServer serve(String key, boolean needsClient) throws IOException {
        TlsStore trust = needsClient ? store("trust-client.p12", TlsStore.Type.PKCS12, PASSWORD) : null;
        SSLContext context =
                TlsContexts.of(new TlsConfig(trust, store(key + ".p12", TlsStore.Type.PKCS12, PASSWORD), null));
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ssl = getSSLContext().getDefaultSSLParameters();
                ssl.setNeedClientAuth(needsClient);
                parameters.setSSLParameters(ssl);
            }
        });
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] body = "{\"id\":7}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static void makeKey(String name, String type, String algorithm, String hosts) throws Exception {
        keytool(
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                algorithm,
                "-dname",
                "CN=" + name,
                "-ext",
                "san=" + hosts,
                "-validity",
                "2",
                "-keystore",
                name + ".p12",
                "-storetype",
                type);
    }

    private static void trust(String name, String store, String type) throws Exception {
        keytool("-exportcert", "-alias", name, "-keystore", name + ".p12", "-file", name + ".crt");
        keytool(
                "-importcert",
                "-noprompt",
                "-alias",
                name,
                "-file",
                name + ".crt",
                "-keystore",
                store,
                "-storetype",
                type);
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storepass", PASSWORD));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private static void writePem(String name, String file, @Nullable String password) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve(name + ".p12"))) {
            keys.load(in, PASSWORD.toCharArray());
        }
        byte[] key = keys.getKey(name, PASSWORD.toCharArray()).getEncoded();
        String text =
                password == null ? block("PRIVATE KEY", key) : block("ENCRYPTED PRIVATE KEY", encrypted(key, password));
        Files.writeString(
                directory.resolve(file),
                text + block("CERTIFICATE", keys.getCertificate(name).getEncoded()));
    }

    private static byte[] encrypted(byte[] key, String password) throws Exception {
        String scheme = "PBEWithHmacSHA256AndAES_256";
        SecretKey secret = SecretKeyFactory.getInstance(scheme).generateSecret(new PBEKeySpec(password.toCharArray()));
        Cipher cipher = Cipher.getInstance(scheme);
        cipher.init(Cipher.ENCRYPT_MODE, secret, new PBEParameterSpec(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 2000));
        byte[] content = cipher.doFinal(key);
        // PBES2, as openssl writes it; Java reads its name and does not write it.
        byte[] pbes2 = HexFormat.of().parseHex("06092a864886f70d01050d");
        return der(0x30, der(0x30, pbes2, cipher.getParameters().getEncoded()), der(0x04, content));
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            body.writeBytes(part);
        }
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        element.write(0x82);
        element.write(body.size() >> 8);
        element.write(body.size());
        element.writeBytes(body.toByteArray());
        return element.toByteArray();
    }

    private static String block(String label, byte[] content) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }
}
