package io.cdcsystem.job.command;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * SIGTERM and SIGINT as a future, so that the main thread can stop in order.
 *
 * <p>Not a shutdown hook: Flink's own hooks delete files in parallel to it, while a last savepoint still needs them. The JDK
 * has signals only in {@code sun.misc}, which the compiler warns about: hence reflection. A second signal ends at once.
 */
final class StopSignal {
    private static final int SIGNAL_EXIT_BASE = 128;

    private final CompletableFuture<Integer> received = new CompletableFuture<>();

    private StopSignal() {}

    /** Takes both signals over for the rest of this process. */
    static StopSignal install() {
        StopSignal stop = new StopSignal();
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object callback = Proxy.newProxyInstance(
                    StopSignal.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            stop.handle((Integer) signal.getMethod("getNumber").invoke(arguments[0]));
                            return null;
                        }
                        // Of Object's methods, the JDK calls none that would need more than an identity.
                        return switch (method.getName()) {
                            case "hashCode" -> System.identityHashCode(proxy);
                            case "equals" -> proxy == arguments[0];
                            default -> "StopSignal";
                        };
                    });
            for (String name : List.of("TERM", "INT")) {
                Object instance = signal.getConstructor(String.class).newInstance(name);
                signal.getMethod("handle", signal, handler).invoke(null, instance, callback);
            }
            return stop;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java runtime has no signals: use a JDK 17 or later", e);
        }
    }

    /** Completed with the exit code that the signal stands for. */
    CompletableFuture<Integer> received() {
        return received;
    }

    private void handle(int number) {
        if (!received.complete(SIGNAL_EXIT_BASE + number)) {
            Runtime.getRuntime().halt(SIGNAL_EXIT_BASE + number);
        }
    }
}
