package io.cdcsystem.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.CodeSource;
import org.jspecify.annotations.Nullable;

/**
 * Directories: this JVM's own below the system's temporary directory, removed when the JVM ends in whatever way, and
 * the build's, where the server binaries are. Thread-safe.
 */
final class Workspace {

    /** Waits for the end of the JVM, then deletes; again and again, as dying servers may still write. */
    private static final String REAPER = """
            trap '' INT TERM HUP
            while read -r line; do :; done
            n=0
            while [ -e "$1" ] && [ $n -lt 100 ]; do rm -rf "$1"; sleep 0.2; n=$((n+1)); done
            """;

    /** Created once, when the first server starts; the process is kept so that its pipe stays open. */
    private record OwnDirectory(Path path, Process reaper) {

        static final OwnDirectory INSTANCE = create();

        private static OwnDirectory create() {
            try {
                Path path = Files.createTempDirectory(
                        "cdc-testbed-" + ProcessHandle.current().pid() + "-");
                // PostgreSQL refuses to run as root; the user it runs as instead must reach its directory.
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
                Process reaper = new ProcessBuilder("sh", "-c", REAPER, "cdc-testbed-reaper", path.toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                return new OwnDirectory(path, reaper);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private Workspace() {}

    /** A new empty directory. */
    static Path create(String name) {
        try {
            Path path = Files.createTempDirectory(OwnDirectory.INSTANCE.path(), name + "-");
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
            return path;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes a directory and all below it. */
    static void delete(Path directory) {
        try {
            Files.walkFileTree(directory, new Deletion());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A directory the build has filled: {@code testbed/target/<name>}, found from where this class was loaded
     * (target/classes or target/cdc-testbed-*.jar), or below the system property {@code testbed.binaries}.
     */
    static Path binaries(String name) {
        String given = System.getProperty("testbed.binaries");
        Path base = given == null ? buildDirectory() : Path.of(given);
        Path path = base.resolve(name);
        if (!Files.isDirectory(path)) {
            throw new ServerFailedException("no server binaries at " + path
                    + ": build the module testbed first (mvn -pl testbed -am generate-resources),"
                    + " or set the system property testbed.binaries to its target directory");
        }
        return path;
    }

    private static Path buildDirectory() {
        CodeSource source = Workspace.class.getProtectionDomain().getCodeSource();
        if (source == null) {
            throw new ServerFailedException("cannot tell where the testbed was loaded from: set testbed.binaries");
        }
        try {
            Path parent = Path.of(source.getLocation().toURI()).toAbsolutePath().getParent();
            if (parent == null) {
                throw new ServerFailedException("the testbed was loaded from the root directory: set testbed.binaries");
            }
            return parent;
        } catch (URISyntaxException e) {
            throw new ServerFailedException("the testbed was loaded from " + source.getLocation(), e);
        }
    }

    private static final class Deletion extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            // Dying servers remove files of their own.
            if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw failure;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
