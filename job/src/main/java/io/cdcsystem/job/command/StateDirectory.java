package io.cdcsystem.job.command;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder that {@code cdc run --state} keeps: {@code checkpoints/}, {@code savepoints/}, the pipeline's name, a
 * lock, and while a process holds it the address of its REST API.
 *
 * <p>Held by one process at a time from {@link #open} to {@link #close}; the operating system gives the lock back when a
 * process dies, so a kill leaves nothing to clean up.
 */
public final class StateDirectory implements AutoCloseable {
    /** What Flink writes first into every complete metadata file (CheckpointMetadata's magic number). */
    private static final int METADATA_MAGIC = 0x4960672d;

    private static final int LISTINGS_MAX = 20;
    private static final String REST_ADDRESS = "rest-address";
    private static final String METADATA = "_metadata";
    private static final Pattern CHECKPOINT = Pattern.compile("chk-(\\d{1,18})");

    private final Path root;
    private final FileChannel lockFile;

    private StateDirectory(Path root, FileChannel lockFile) {
        this.root = root;
        this.lockFile = lockFile;
    }

    /** Creates the folder where absent, locks it, and refuses one that belongs to another pipeline. */
    public static StateDirectory open(Path directory, String pipelineName) {
        Path root = directory.toAbsolutePath().normalize();
        FileChannel lockFile = null;
        try {
            Files.createDirectories(root.resolve("checkpoints"));
            Files.createDirectories(root.resolve("savepoints"));
            lockFile = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!tryLock(lockFile)) {
                throw new CdcException(
                        ErrorCode.CONFIG_INVALID,
                        "state folder " + root
                                + " is in use by another cdc process; stop that one, or choose another --state");
            }
            claimFor(root, pipelineName);
            return new StateDirectory(root, lockFile);
        } catch (IOException e) {
            closeQuietly(lockFile);
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID,
                    "state folder " + root + " cannot be used (" + e + "); name a writable folder with --state",
                    e);
        } catch (CdcException e) {
            closeQuietly(lockFile);
            throw e;
        }
    }

    /** Where checkpoints go. */
    public Path checkpoints() {
        return root.resolve("checkpoints");
    }

    /** Where savepoints go. */
    public Path savepoints() {
        return root.resolve("savepoints");
    }

    /** The folder itself. */
    public Path root() {
        return root;
    }

    /** Says where the process that holds the folder has its REST API, until it closes the folder. */
    public void announce(URI restAddress) throws IOException {
        Path written = Files.writeString(root.resolve(REST_ADDRESS + ".new"), restAddress + "\n");
        Files.move(written, root.resolve(REST_ADDRESS), StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Where the process that holds a state folder said that it has its REST API. After a kill the file is left behind:
     * whether it is still true, the API itself has to tell.
     */
    public static Optional<URI> restAddress(Path directory) {
        try {
            return Optional.of(
                    URI.create(Files.readString(directory.resolve(REST_ADDRESS)).strip()));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * The newest complete checkpoint or savepoint below a state folder, by the time its metadata was written: that is the
     * last thing Flink writes, so what has it is complete.
     */
    public static Optional<Path> newestRestorable(Path directory) {
        List<Candidate> candidates = new ArrayList<>();
        for (String folder : List.of("checkpoints", "savepoints")) {
            int attempt = 1;
            while (!collect(directory.resolve(folder), candidates, attempt < LISTINGS_MAX)) {
                attempt++;
            }
        }
        return candidates.stream()
                .max(Comparator.comparingLong(Candidate::writtenNanos).thenComparingLong(Candidate::checkpointId))
                .map(Candidate::path);
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(root.resolve(REST_ADDRESS));
        } catch (IOException e) {
            // As good as one that a kill left behind.
        }
        closeQuietly(lockFile);
    }

    /** False where Flink removed an older checkpoint while we listed, and {@code mayRepeat}. */
    private static boolean collect(Path folder, List<Candidate> into, boolean mayRepeat) {
        if (!Files.isDirectory(folder)) {
            return true;
        }
        // checkpoints/<job>/chk-N/_metadata and savepoints/savepoint-X/_metadata: three levels suffice.
        try (Stream<Path> files =
                Files.find(folder, 3, (path, attributes) -> attributes.isRegularFile() && path.endsWith(METADATA))) {
            for (Path metadata : (Iterable<Path>) files::iterator) {
                Path parent = metadata.getParent();
                if (parent != null && isComplete(metadata)) {
                    into.add(new Candidate(
                            parent,
                            Files.getLastModifiedTime(metadata).to(TimeUnit.NANOSECONDS),
                            checkpointId(parent)));
                }
            }
            return true;
        } catch (IOException | UncheckedIOException e) {
            if (mayRepeat && (e instanceof NoSuchFileException || e.getCause() instanceof NoSuchFileException)) {
                return false;
            }
            throw new CdcException(
                    ErrorCode.STATE_UNREADABLE, "state folder " + folder + " cannot be listed (" + e + ")", e);
        }
    }

    private static boolean isComplete(Path metadata) {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(metadata))) {
            return in.readInt() == METADATA_MAGIC;
        } catch (IOException e) {
            // Empty, cut short, or removed meanwhile: whichever it is, nothing can be restored from it.
            return false;
        }
    }

    private static long checkpointId(Path folder) {
        Path name = folder.getFileName();
        Matcher matcher = CHECKPOINT.matcher(name == null ? "" : name.toString());
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : Long.MAX_VALUE;
    }

    private static void claimFor(Path root, String pipelineName) throws IOException {
        Path marker = root.resolve("pipeline");
        if (Files.exists(marker)) {
            String owner = Files.readString(marker).strip();
            if (!owner.equals(pipelineName)) {
                throw new CdcException(
                        ErrorCode.CONFIG_INVALID,
                        "state folder " + root + " belongs to pipeline '" + owner + "', not '" + pipelineName
                                + "'; choose another --state, or give the pipeline its old name");
            }
            return;
        }
        Files.writeString(marker, pipelineName + "\n");
    }

    private static boolean tryLock(FileChannel lockFile) throws IOException {
        try {
            FileLock lock = lockFile.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            // The process is on its way out of the folder: the operating system drops the lock in any case.
            return;
        }
    }

    private record Candidate(Path path, long writtenNanos, long checkpointId) {}
}
