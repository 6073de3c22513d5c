package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.field.AvroFieldEncoders;
import io.cdcsystem.schema.field.ByteSink;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.table.TableId;
import java.nio.charset.StandardCharsets;

/** PostgreSQL's {@code source} block in Avro. */
final class PostgresAvroSource implements SourceBlock {
    private static final byte[] FIRST_UNKNOWN = utf8("[null,\"");
    private static final byte[] FIRST_OPEN = utf8("[\"");
    private static final byte[] BETWEEN = utf8("\",\"");
    private static final byte[] SEQUENCE_END = utf8("\"]");

    private final byte[] start;
    private final byte[] streamed;
    private final byte[] initial;
    private final byte[] incremental;
    private final byte[] table;

    PostgresAvroSource(EnvelopeConfig config, TableId id) {
        start = strings(config.sourceVersion(), config.connector(), config.topicPrefix());
        streamed = snapshotAndDatabase("false", id);
        initial = snapshotAndDatabase("true", id);
        incremental = snapshotAndDatabase("incremental", id);
        table = strings(id.schema(), id.name());
    }

    @Override
    public void write(SourceEvent event, ByteSink out) {
        TransactionInfo transaction = event.transaction();
        Generation reading = PostgresSource.reading(event);
        long micros = transaction.commitMicros();
        out.put(start);
        out.putVarLong(Math.floorDiv(micros, 1000));
        out.put(reading == null ? streamed : reading.run() == 1 ? initial : incremental);
        out.put(AvroFieldEncoders.SECOND_BRANCH);
        sequence(PostgresSource.previousCommit(reading, transaction), event.recordOffset(), out);
        optional(micros, out);
        optional(micros * 1000, out);
        out.put(table);
        long xid = PostgresSource.xid(transaction);
        if (xid == 0) {
            out.put(AvroFieldEncoders.FIRST_BRANCH);
        } else {
            optional(xid, out);
        }
        optional(event.recordOffset(), out);
        // xmin, origin, origin_lsn
        out.put(AvroFieldEncoders.FIRST_BRANCH);
        out.put(AvroFieldEncoders.FIRST_BRANCH);
        out.put(AvroFieldEncoders.FIRST_BRANCH);
    }

    private static void optional(long value, ByteSink out) {
        out.put(AvroFieldEncoders.SECOND_BRANCH);
        out.putVarLong(value);
    }

    // At most 47 bytes, so that the length is one byte, filled in afterwards.
    private static void sequence(long previousCommit, long lsn, ByteSink out) {
        int length = out.position();
        out.put(0);
        if (previousCommit == 0) {
            out.put(FIRST_UNKNOWN);
        } else {
            out.put(FIRST_OPEN);
            out.putDecimal(previousCommit);
            out.put(BETWEEN);
        }
        out.putDecimal(lsn);
        out.put(SEQUENCE_END);
        out.patch(length, 2 * (out.position() - length - 1));
    }

    // The snapshot field has a default, so its string is the union's first branch.
    private static byte[] snapshotAndDatabase(String snapshot, TableId id) {
        ByteSink out = new ByteSink();
        out.put(AvroFieldEncoders.FIRST_BRANCH);
        out.put(strings(snapshot, id.database()));
        return out.toByteArray();
    }

    private static byte[] strings(String... values) {
        ByteSink out = new ByteSink();
        for (String value : values) {
            byte[] bytes = utf8(value);
            AvroFieldEncoders.bytes(bytes, 0, bytes.length, out);
        }
        return out.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
