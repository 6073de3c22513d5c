package io.cdcsystem.testbed;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports nobody listens on at the moment; thread-safe. */
final class FreePorts {

    /**
     * Below the range the kernel gives to outgoing connections: a server that is down between kill and restart would
     * otherwise lose its port to some client.
     */
    private static final int FIRST = 12_000;

    private static final int LAST = 32_000;
    private static final int ATTEMPTS = 200;

    private FreePorts() {}

    static int next() {
        for (int i = 0; i < ATTEMPTS; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            if (isFree(port)) {
                return port;
            }
        }
        throw new ServerFailedException("no free port between " + FIRST + " and " + LAST);
    }

    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
