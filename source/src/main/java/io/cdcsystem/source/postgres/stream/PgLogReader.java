package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.database.LogProgress;
import io.cdcsystem.source.database.LogReader;
import io.cdcsystem.source.postgres.PgResumeToken;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.pgoutput.PgOutputDecoder;
import io.cdcsystem.source.postgres.signal.SignalSender;
import io.cdcsystem.source.split.CapturedTable;
import io.cdcsystem.source.split.LogSplit;
import io.cdcsystem.source.split.ResumeToken;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the log through a replication slot.
 *
 * <p>{@code poll} and {@code close} belong to the fetcher thread; a daemon thread reports the status beside it. Both touch
 * the stream under one lock only, which {@code poll} never holds while it waits.
 */
public final class PgLogReader implements LogReader {
    private static final Logger LOG = LoggerFactory.getLogger(PgLogReader.class);
    private static final Duration STATUS_INTERVAL = Duration.ofSeconds(10);
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(10);
    private static final long IDLE_WAIT_MICROS_MAX = 5_000;
    private static final long IDLE_WAIT_MICROS_MIN = 100;
    /** A server that is busy with other databases moves its position all the time: no need to follow each step. */
    private static final long MOVE_INTERVAL_NANOS = 100_000_000L;

    private final PostgresConfig config;
    private final Duration statusInterval;
    private final CatalogTypes types;
    private final BatchAssembler assembler;
    private final CatalogWatch watch;
    private final TransactionIds ids;
    private final PgOutputDecoder decoder = new PgOutputDecoder();
    private final StatusTicker ticker;
    private final Semaphore wakeUps = new Semaphore(0);

    // Fair, since the fetcher takes it again at once when there is much to read, and the ticker would wait for ever.
    private final ReentrantLock streamLock = new ReentrantLock(true);
    private ReplicationSession session;
    private boolean closed;

    private final AtomicLong durable = new AtomicLong();
    private volatile long handedOver;
    private volatile long newestServerLsn;
    private volatile long lastCommitMicros;
    private volatile @Nullable CdcException tickerFailure;
    private boolean binary;
    private long lastMoveNanos;

    private PgLogReader(PostgresConfig config, LogSplit split, Duration statusInterval, Duration lookInterval) {
        this.config = config;
        this.statusInterval = statusInterval;
        this.types = new CatalogTypes(config);
        long boundary = PgResumeToken.of(split.boundary()).lsn();
        this.binary = split.tables().stream().allMatch(PgLogReader::readsAsBinary);
        this.session = ReplicationSession.open(config, boundary, binary, statusInterval);
        this.ids = new TransactionIds(session.newestXid());
        CapturedDefinitions definitions =
                new CapturedDefinitions(config, split.tables(), types, SignalSender.signalTable(config));
        this.assembler = new BatchAssembler(
                split.epoch().number(),
                boundary,
                split.changesAfter(),
                definitions,
                ids,
                SignalSender.messagePrefix(config.slotName()));
        assembler.beginSession(binary);
        this.watch = new CatalogWatch(types, definitions, assembler, lookInterval);
        this.handedOver = boundary;
        this.newestServerLsn = boundary;
        this.lastMoveNanos = System.nanoTime() - MOVE_INTERVAL_NANOS;
        this.ticker = new StatusTicker("cdc-log-status-" + config.slotName(), statusInterval, this::reportStatus);
    }

    /** Connects, and begins to stream where the split stands. */
    public static PgLogReader open(PostgresConfig config, LogSplit split) {
        return open(config, split, STATUS_INTERVAL, LOOK_INTERVAL);
    }

    /** The same with other intervals between status messages, and between looks at the catalog. */
    static PgLogReader open(PostgresConfig config, LogSplit split, Duration statusInterval, Duration lookInterval) {
        PgLogReader reader = new PgLogReader(config, split, statusInterval, lookInterval);
        try {
            reader.watch.begin();
        } catch (CdcException e) {
            reader.close();
            throw e;
        }
        reader.ticker.start();
        return reader;
    }

    private static boolean readsAsBinary(CapturedTable table) {
        return table.schema().columns().stream()
                .noneMatch(column -> column.type().kind() == Kind.OPAQUE);
    }

    @Override
    public @Nullable LogBatch poll(Duration maxWait) {
        long deadline = System.nanoTime() + maxWait.toNanos();
        long wait = IDLE_WAIT_MICROS_MIN;
        watch.poll();
        while (true) {
            LogBatch full = assembler.takeFull();
            if (full != null) {
                return handOver(full);
            }
            boolean more = readOne();
            long left = (deadline - System.nanoTime()) / 1_000;
            if (more && left > 0) {
                wait = IDLE_WAIT_MICROS_MIN;
                continue;
            }
            // Also where messages keep coming: they may all be of no concern, and still the position has to move.
            LogBatch ready = assembler.takeReady();
            if (ready == null && System.nanoTime() - lastMoveNanos >= MOVE_INTERVAL_NANOS) {
                ready = assembler.takeMove();
            }
            if (ready != null) {
                lastMoveNanos = System.nanoTime();
                return handOver(ready);
            }
            if (left <= 0 || awakened(Math.min(wait, left))) {
                return null;
            }
            wait = Math.min(2 * wait, IDLE_WAIT_MICROS_MAX);
        }
    }

    /** Reads and decodes a message; false where none has arrived. */
    private boolean readOne() {
        CdcException failed = tickerFailure;
        if (failed != null) {
            throw failed;
        }
        ByteBuffer message;
        long received;
        streamLock.lock();
        try {
            message = session.readPending();
            received = session.receivedLsn();
        } catch (SQLException e) {
            throw ReplicationSession.failure(config, assembler.boundary(), e);
        } finally {
            streamLock.unlock();
        }
        if (Long.compareUnsigned(received, newestServerLsn) > 0) {
            newestServerLsn = received;
        }
        if (message == null) {
            assembler.idle(received);
            return false;
        }
        assembler.at(received);
        decoder.decode(message.array(), message.arrayOffset() + message.position(), message.remaining(), assembler);
        if (assembler.textNeeded()) {
            goOnInText();
        }
        return true;
    }

    /** A column came whose type we cannot read in binary form; the server prints any type as text. */
    private void goOnInText() {
        LOG.info(
                "replication slot {}: a table has a column of a type without known binary form; streaming text from {}",
                config.slotName(),
                PgResumeToken.print(assembler.boundary()));
        binary = false;
        streamLock.lock();
        try {
            session.close();
            session = ReplicationSession.open(config, assembler.boundary(), false, statusInterval);
        } finally {
            streamLock.unlock();
        }
        ids.advanceTo(session.newestXid());
        assembler.beginSession(false);
    }

    private boolean awakened(long micros) {
        try {
            boolean awakened = wakeUps.tryAcquire(micros, TimeUnit.MICROSECONDS);
            if (awakened) {
                wakeUps.drainPermits();
            }
            return awakened;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private LogBatch handOver(LogBatch batch) {
        handedOver = PgResumeToken.of(batch.boundary()).lsn();
        List<SourceEvent> events = batch.events();
        if (!events.isEmpty()) {
            lastCommitMicros = events.get(events.size() - 1).transaction().commitMicros();
        }
        return batch;
    }

    @Override
    public void confirm(ResumeToken token) {
        long lsn = PgResumeToken.of(token).lsn();
        long before = durable.getAndAccumulate(lsn, (a, b) -> Long.compareUnsigned(a, b) >= 0 ? a : b);
        if (Long.compareUnsigned(lsn, before) > 0) {
            ticker.now();
        }
    }

    private void reportStatus() {
        streamLock.lock();
        try {
            if (!closed) {
                session.sendStatus(durable.get());
            }
        } catch (SQLException e) {
            tickerFailure = new CdcException(
                    ErrorCode.STREAM_FAILED,
                    "replication slot " + config.slotName() + " at " + PgResumeToken.print(handedOver)
                            + ": no status could be sent: " + e.getMessage()
                            + "; reading is taken up again by the restart of the job",
                    e);
            ticker.close();
            wakeUps.release();
        } finally {
            streamLock.unlock();
        }
    }

    @Override
    public void capture(List<CapturedTable> tables) {
        assembler.capture(tables);
        if (assembler.textNeeded()) {
            goOnInText();
        }
    }

    @Override
    public void wakeUp() {
        wakeUps.release();
    }

    @Override
    public boolean hasReached(ResumeToken end) {
        return Long.compareUnsigned(handedOver, PgResumeToken.of(end).lsn()) >= 0;
    }

    @Override
    public LogProgress progress() {
        return new LogProgress(Math.max(0, newestServerLsn - handedOver), lastCommitMicros);
    }

    /** Whether values come in binary form; for tests. */
    boolean isBinary() {
        return binary;
    }

    @Override
    public void close() {
        ticker.close();
        streamLock.lock();
        try {
            closed = true;
            session.close();
        } finally {
            streamLock.unlock();
        }
        types.close();
    }
}
