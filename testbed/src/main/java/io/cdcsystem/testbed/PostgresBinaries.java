package io.cdcsystem.testbed;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * The programs of one PostgreSQL version, extracted once into a directory next to the archive the build fetched.
 *
 * <p>Safe between processes (a file lock) and threads (the class's monitor: a second lock on the file within one JVM is
 * an error); the directory appears by a rename, so it is complete or absent.
 */
final class PostgresBinaries {

    private PostgresBinaries() {}

    /** The directory that holds bin, lib and share. */
    static synchronized Path extracted(PostgresVersion version) {
        Path home = Workspace.binaries("postgres/" + version.major());
        Path target = home.resolve("extracted");
        if (Files.isDirectory(target)) {
            return target;
        }
        try (FileChannel channel =
                FileChannel.open(home.resolve("extracted.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            // Closing the channel releases the lock.
            channel.lock();
            if (!Files.isDirectory(target)) {
                Path partial = Files.createTempDirectory(home, "extracting-");
                extract(archive(home), partial);
                Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString("rwxr-xr-x"));
                Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
            }
            return target;
        } catch (IOException e) {
            throw new ServerFailedException("cannot extract PostgreSQL's binaries in " + home, e);
        }
    }

    private static Path archive(Path home) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(home, "*.txz")) {
            for (Path path : found) {
                return path;
            }
        }
        throw new ServerFailedException(
                "no archive *.txz in " + home + ": run mvn clean generate-resources in the module testbed");
    }

    private static void extract(Path archive, Path directory) throws IOException {
        try (InputStream file = new BufferedInputStream(Files.newInputStream(archive));
                TarArchiveInputStream tar = new TarArchiveInputStream(new XZCompressorInputStream(file))) {
            TarArchiveEntry entry;
            while ((entry = tar.getNextEntry()) != null) {
                Path path = directory.resolve(entry.getName()).normalize();
                if (!path.startsWith(directory)) {
                    throw new IOException("entry " + entry.getName() + " of " + archive + " leads out of it");
                }
                extract(tar, entry, path);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void extract(TarArchiveInputStream tar, TarArchiveEntry entry, Path path) throws IOException {
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Path parent = path.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            throw new IOException("hard link in a PostgreSQL archive: " + entry.getName());
        } else {
            Files.copy(tar, path);
            boolean executable = (entry.getMode() & 0100) != 0;
            Files.setPosixFilePermissions(
                    path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
        }
    }
}
