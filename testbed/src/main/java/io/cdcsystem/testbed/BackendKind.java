package io.cdcsystem.testbed;

/**
 * What servers run as; the system property {@code testbed} says. Apart from {@link ContainerBackend}, so that runs
 * with processes load nothing of Testcontainers.
 */
enum BackendKind {
    PROCESSES,
    CONTAINERS;

    /** The kind this JVM was told to use; a value that is neither is an error, never a silent default. */
    static BackendKind chosen() {
        String choice = System.getProperty("testbed", "processes");
        return switch (choice) {
            case "processes" -> PROCESSES;
            case "containers" -> CONTAINERS;
            default ->
                throw new ServerFailedException(
                        "system property testbed is '" + choice + "': use processes (default) or containers");
        };
    }
}
