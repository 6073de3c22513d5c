package io.cdcsystem.schema.codec;

import io.cdcsystem.schema.envelope.EnvelopeConfig;
import io.cdcsystem.schema.envelope.JsonText;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.event.TransactionInfo;
import io.cdcsystem.schema.field.ByteSink;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.table.TableId;
import java.nio.charset.StandardCharsets;

/** PostgreSQL's {@code source} block in JSON. */
final class PostgresJsonSource implements SourceBlock {
    private static final byte[] NULL = utf8("null");
    private static final byte[] FIRST_UNKNOWN = utf8("\"[null");
    private static final byte[] FIRST_OPEN = utf8("\"[\\\"");
    private static final byte[] QUOTE = utf8("\\\"");
    private static final byte[] SECOND_OPEN = utf8(",\\\"");
    private static final byte[] SEQUENCE_END = utf8("\\\"]\"");
    private static final byte[] TS_US = utf8(",\"ts_us\":");
    private static final byte[] TS_NS = utf8(",\"ts_ns\":");
    private static final byte[] LSN = utf8(",\"lsn\":");
    private static final byte[] END = utf8(",\"xmin\":null,\"origin\":null,\"origin_lsn\":null}");

    private final byte[] start;
    private final byte[] streamed;
    private final byte[] initial;
    private final byte[] incremental;
    private final byte[] table;

    PostgresJsonSource(EnvelopeConfig config, TableId id) {
        start = utf8("{\"version\":" + JsonText.quote(config.sourceVersion()) + ",\"connector\":"
                + JsonText.quote(config.connector()) + ",\"name\":" + JsonText.quote(config.topicPrefix())
                + ",\"ts_ms\":");
        String database = ",\"db\":" + JsonText.quote(id.database()) + ",\"sequence\":";
        streamed = utf8(",\"snapshot\":\"false\"" + database);
        initial = utf8(",\"snapshot\":\"true\"" + database);
        incremental = utf8(",\"snapshot\":\"incremental\"" + database);
        table = utf8(",\"schema\":" + JsonText.quote(id.schema()) + ",\"table\":" + JsonText.quote(id.name())
                + ",\"txId\":");
    }

    @Override
    public void write(SourceEvent event, ByteSink out) {
        TransactionInfo transaction = event.transaction();
        Generation reading = PostgresSource.reading(event);
        long micros = transaction.commitMicros();
        out.put(start);
        out.putDecimal(Math.floorDiv(micros, 1000));
        out.put(reading == null ? streamed : reading.run() == 1 ? initial : incremental);
        sequence(PostgresSource.previousCommit(reading, transaction), event.recordOffset(), out);
        out.put(TS_US);
        out.putDecimal(micros);
        out.put(TS_NS);
        out.putDecimal(micros * 1000);
        out.put(table);
        long xid = PostgresSource.xid(transaction);
        if (xid == 0) {
            out.put(NULL);
        } else {
            out.putDecimal(xid);
        }
        out.put(LSN);
        out.putDecimal(event.recordOffset());
        out.put(END);
    }

    // A JSON array inside a JSON string: its quotes are escaped.
    private static void sequence(long previousCommit, long lsn, ByteSink out) {
        if (previousCommit == 0) {
            out.put(FIRST_UNKNOWN);
        } else {
            out.put(FIRST_OPEN);
            out.putDecimal(previousCommit);
            out.put(QUOTE);
        }
        out.put(SECOND_OPEN);
        out.putDecimal(lsn);
        out.put(SEQUENCE_END);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
