package io.cdcsystem.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How PostgreSQL, which refuses to run as root, is run when this JVM does.
 *
 * @param prefix words put before a command; empty for an ordinary user
 * @param changesOwner whether files the server writes must belong to {@link #NOBODY} first
 */
record UnprivilegedUser(List<String> prefix, boolean changesOwner) {

    /** The uid and gid every Linux keeps for this. */
    private static final int NOBODY = 65_534;

    private static final String TRIAL = "\"$1\" --version && : > \"$2\"/trial && rm \"$2\"/trial";

    private static final Duration PROBE_DEADLINE = Duration.ofSeconds(20);

    UnprivilegedUser {
        prefix = List.copyOf(prefix);
    }

    /**
     * Finds the way that works here: setpriv to another user, which needs the binaries to be in reach of it, else a user
     * namespace, which needs the kernel's permission but keeps root's access to files.
     *
     * @param program a program to try it with
     */
    static UnprivilegedUser probe(Path program, Path directory) {
        if (!isRoot(directory)) {
            return new UnprivilegedUser(List.of(), false);
        }
        String nobody = Integer.toString(NOBODY);
        List<UnprivilegedUser> ways = List.of(
                new UnprivilegedUser(
                        List.of("setpriv", "--reuid", nobody, "--regid", nobody, "--clear-groups", "--"), true),
                new UnprivilegedUser(List.of("unshare", "-U", "--"), false));
        List<String> failures = new ArrayList<>();
        for (UnprivilegedUser way : ways) {
            try {
                // The program must be in reach, and so must the directory.
                setOwner(directory, way.changesOwner() ? NOBODY : 0);
                ServerProcess.run(
                        way.prefix().get(0),
                        way.command(List.of("sh", "-c", TRIAL, "sh"), program.toString(), directory.toString()),
                        directory,
                        directory.resolveSibling(directory.getFileName() + ".probe.log"),
                        PROBE_DEADLINE);
                return way;
            } catch (ServerFailedException e) {
                failures.add(String.valueOf(e.getMessage()));
            }
        }
        throw new ServerFailedException(
                "PostgreSQL refuses to run as root, and neither setpriv nor unshare -U works here;"
                        + " run the build as an ordinary user\n" + String.join("\n", failures));
    }

    List<String> command(List<String> start, String... more) {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(start);
        all.addAll(List.of(more));
        return all;
    }

    /** Hands one file or directory (not what is in it) to the user the server runs as. */
    void give(Path path) {
        if (changesOwner) {
            setOwner(path, NOBODY);
        }
    }

    private static void setOwner(Path path, int owner) {
        try {
            Files.setAttribute(path, "unix:uid", owner, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:gid", owner, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw new ServerFailedException("cannot change the owner of " + path, e);
        }
    }

    private static boolean isRoot(Path createdByUs) {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(createdByUs, "unix:uid"));
        } catch (IOException e) {
            throw new ServerFailedException("cannot read the owner of " + createdByUs, e);
        }
    }
}
