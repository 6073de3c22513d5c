package io.cdcsystem.testbed;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** Whether servers answer yet; thread-safe. */
final class Probe {

    private static final int TIMEOUT_MS = 3000;

    private Probe() {}

    static boolean accepts(String host, int port) {
        try (Socket socket = new Socket()) {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                socket.connect(new InetSocketAddress(address, port), 1000);
                return true;
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether the broker is a live member of its own cluster, so that topics can be created on it. */
    static boolean brokerIsReady(String host, int port) {
        // The admin client would log and back off on a closed port.
        if (!accepts(host, port)) {
            return false;
        }
        Map<String, Object> config = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                host + ":" + port,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                TIMEOUT_MS,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                TIMEOUT_MS);
        try (Admin admin = Admin.create(config)) {
            return !admin.describeCluster()
                    .nodes()
                    .get(TIMEOUT_MS, TimeUnit.MILLISECONDS)
                    .isEmpty();
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerFailedException("interrupted while waiting for a broker", e);
        }
    }
}
