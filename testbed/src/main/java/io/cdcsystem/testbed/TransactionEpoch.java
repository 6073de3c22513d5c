package io.cdcsystem.testbed;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * Adds 2^32 to the next transaction id of a PostgreSQL cluster that was shut down in order.
 *
 * <p>What {@code pg_resetwal -e} is for; the build's binaries come without it. The id stands in the control file and in the
 * shutdown checkpoint's record of the WAL, each under a checksum.
 */
final class TransactionEpoch {
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int CONTROL_BYTES_MAX = 512;
    private static final int CONTROL_CHECKPOINT_LSN = 32;
    private static final int CONTROL_CHECKPOINT = 40;
    private static final int CHECKPOINT_TIMELINE = 8;
    /** Where a checkpoint holds the upper half of its next transaction id; equal in all versions since 12. */
    private static final int CHECKPOINT_EPOCH = 28;

    private static final int RECORD_HEADER = 24;
    private static final int RECORD_CRC = 20;
    private static final int RECORD_DATA = RECORD_HEADER + 2;
    private static final int PAGE_BYTES = 8192;
    private static final int SEGMENT_BYTES = 16 * 1024 * 1024;

    private TransactionEpoch() {}

    static void advance(Path data) throws IOException {
        Path controlFile = data.resolve("global").resolve("pg_control");
        byte[] control = Files.readAllBytes(controlFile);
        int controlCrc = controlCrc(control);
        long lsn = (long) LONGS.get(control, CONTROL_CHECKPOINT_LSN);
        int timeline = number(control, CONTROL_CHECKPOINT + CHECKPOINT_TIMELINE);

        Path segment = data.resolve("pg_wal").resolve(segment(timeline, lsn));
        try (RandomAccessFile wal = new RandomAccessFile(segment.toFile(), "rw")) {
            int offset = (int) (lsn % SEGMENT_BYTES);
            // Up to the page's end: a record that goes on behind the next page's header is not read.
            byte[] record = new byte[PAGE_BYTES - offset % PAGE_BYTES];
            wal.seek(offset);
            wal.readFully(record);
            int length = number(record, 0);
            if (length > record.length || recordCrc(record, length) != number(record, RECORD_CRC)) {
                throw new IOException("no whole checkpoint record at " + lsn + " of " + segment);
            }
            increment(record, RECORD_DATA + CHECKPOINT_EPOCH);
            INTS.set(record, RECORD_CRC, recordCrc(record, length));
            wal.seek(offset);
            wal.write(record, 0, length);
        }
        increment(control, CONTROL_CHECKPOINT + CHECKPOINT_EPOCH);
        INTS.set(control, controlCrc, crc(control, controlCrc));
        Files.write(controlFile, control);
    }

    /** The checksum stands behind the last field, whose place depends on the version. */
    private static int controlCrc(byte[] control) throws IOException {
        for (int at = CONTROL_CHECKPOINT + CHECKPOINT_EPOCH + 4; at < CONTROL_BYTES_MAX; at += 4) {
            if (number(control, at) == crc(control, at)) {
                return at;
            }
        }
        throw new IOException("no checksum found in the control file");
    }

    /** Of what follows the header, and then of the header up to its checksum. */
    private static int recordCrc(byte[] record, int length) {
        CRC32C crc = new CRC32C();
        crc.update(record, RECORD_HEADER, length - RECORD_HEADER);
        crc.update(record, 0, RECORD_CRC);
        return (int) crc.getValue();
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static int number(byte[] bytes, int at) {
        return (int) INTS.get(bytes, at);
    }

    private static void increment(byte[] bytes, int at) {
        INTS.set(bytes, at, number(bytes, at) + 1);
    }

    private static String segment(int timeline, long lsn) {
        long number = lsn / SEGMENT_BYTES;
        long perFile = (1L << 32) / SEGMENT_BYTES;
        return String.format(Locale.ROOT, "%08X%08X%08X", timeline, number / perFile, number % perFile);
    }
}
