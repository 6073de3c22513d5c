package io.cdcsystem.source.postgres.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.row.RowWriter;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.ColumnType.Kind;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.database.LogBatch;
import io.cdcsystem.source.postgres.PgResumeToken;
import io.cdcsystem.source.postgres.PostgresConfig;
import io.cdcsystem.source.postgres.pgoutput.PgOutputDecoder;
import io.cdcsystem.source.postgres.pgoutput.RelationMessage;
import io.cdcsystem.source.postgres.type.FieldDecoder;
import io.cdcsystem.source.postgres.type.PgType;
import io.cdcsystem.source.split.CapturedTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("L11")
class BatchAssemblerTest {
    private static final int RELATION = 77;
    private static final int OTHER = 78;
    private static final int TEXT_OID = 25;
    private static final int POINT_OID = 600;
    private static final TableSchema TABLE = new TableSchema(
            new TableId("db", "public", "t"),
            List.of(
                    new Column("id", ColumnType.of(Kind.STRING), false, null, "text"),
                    new Column("a", ColumnType.of(Kind.STRING), true, new FieldValue(new byte[] {1}), "text")),
            List.of("id"));

    static final TypeResolver TYPES = new TypeResolver() {
        @Override
        public void refresh() {}

        @Override
        public List<@Nullable FieldValue> constants(List<String> expressions, List<PgType> types) {
            return expressions.stream()
                    .map(text -> new FieldValue(text.getBytes(StandardCharsets.UTF_8)))
                    .toList();
        }

        @Override
        public PgType resolve(int oid, int typmod) {
            FieldDecoder copy = new FieldDecoder() {
                @Override
                public void binary(byte[] array, int offset, int length, RowWriter out) {
                    out.writeField(array, offset, length);
                }

                @Override
                public void text(byte[] array, int offset, int length, RowWriter out) {
                    out.writeField(array, offset, length);
                }
            };
            boolean known = oid == TEXT_OID;
            return new PgType(
                    oid, known ? "text" : "point", ColumnType.of(known ? Kind.STRING : Kind.OPAQUE), known, copy);
        }
    };

    /** Captures everything in {@code public}. */
    static final PostgresConfig CONFIG =
            new PostgresConfig("h", 1, "db", "u", "p", List.of("public\\..*"), "s", "pub", Map.of(), List.of(), null);

    private final PgOutputDecoder decoder = new PgOutputDecoder();

    private static BatchAssembler assembler(long boundary, long changesAfter, @Nullable Visibility alreadyRead) {
        Generation oldest = alreadyRead == null ? null : new Generation(1, 1, new Position(1, 0, 1), alreadyRead);
        CapturedDefinitions definitions =
                new CapturedDefinitions(CONFIG, List.of(new CapturedTable(TABLE, oldest)), TYPES, null);
        BatchAssembler assembler = new BatchAssembler(
                1, boundary, changesAfter, definitions, new TransactionIds(0x1_0000_0010L), "cdc.signal:s");
        assembler.beginSession(true);
        return assembler;
    }

    private static RelationMessage relation(int oid, String name, RelationMessage.Column... columns) {
        return new RelationMessage(oid, "public", name, 'd', List.of(columns));
    }

    private static RelationMessage.Column column(boolean key, String name, int type) {
        return new RelationMessage.Column(key, name, type, -1);
    }

    private static void describe(BatchAssembler assembler) {
        assembler.relation(relation(RELATION, "t", column(true, "id", TEXT_OID), column(false, "a", TEXT_OID)));
        assembler.relation(relation(OTHER, "other", column(false, "x", POINT_OID)));
    }

    private void insert(BatchAssembler assembler, int relation) {
        byte[] message = HexFormat.of()
                .parseHex("49" + HexFormat.of().toHexDigits(relation) + "4e0002" + "7400000001" + "37" + "6e");
        decoder.decode(message, 0, message.length, assembler);
    }

    private static LogBatch ready(BatchAssembler assembler) {
        LogBatch batch = assembler.takeReady();
        if (batch == null) {
            throw new AssertionError("nothing is ready");
        }
        return batch;
    }

    private static List<Integer> ordinals(LogBatch batch) {
        return batch.events().stream()
                .map(SourceEvent::position)
                .map(Position::ordinal)
                .toList();
    }

    @Test
    void a_transaction_is_handed_out_whole_with_its_end_as_boundary() {
        BatchAssembler assembler = assembler(100, 0, null);
        assembler.begin(200, 5, 0x11);
        describe(assembler);
        assembler.at(150);
        insert(assembler, RELATION);
        insert(assembler, OTHER);
        insert(assembler, RELATION);
        assembler.idle(500);
        assertThat(assembler.takeReady()).isNull();
        assembler.commit(200, 210, 5);
        LogBatch batch = ready(assembler);
        assertThat(ordinals(batch)).containsExactly(0, 2);
        assertThat(batch.boundary()).isEqualTo(new PgResumeToken(210).toToken());
        assertThat(batch.changesAfter()).isZero();
        assertThat(batch.newVersions()).isEmpty();
        SourceEvent event = batch.events().get(0);
        assertThat(event.table()).isSameAs(TABLE);
        assertThat(event.position()).isEqualTo(new Position(1, 200, 0));
        assertThat(event.recordOffset()).isEqualTo(150);
        assertThat(event.transaction().id()).isEqualTo(0x1_0000_0011L);
    }

    @Test
    void a_resumed_transaction_counts_what_it_skips() {
        BatchAssembler assembler = assembler(100, 2, null);
        assembler.idle(120);
        assembler.begin(200, 5, 1);
        describe(assembler);
        for (int i = 0; i < 4; i++) {
            insert(assembler, RELATION);
        }
        assembler.commit(200, 210, 5);
        assembler.begin(300, 5, 2);
        insert(assembler, RELATION);
        assembler.commit(300, 310, 5);
        LogBatch batch = ready(assembler);
        assertThat(ordinals(batch)).containsExactly(2, 3, 0);
        assertThat(batch.events().get(2).transaction().previousCommit()).isEqualTo(200);
    }

    @Test
    void a_transaction_shorter_than_what_was_handed_over_is_a_lost_position() {
        BatchAssembler assembler = assembler(100, 3, null);
        assembler.begin(200, 5, 1);
        describe(assembler);
        insert(assembler, RELATION);
        assertThatThrownBy(() -> assembler.commit(200, 210, 5))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("POSITION_LOST");
    }

    @Test
    void what_every_snapshot_row_contains_is_dropped_but_counted() {
        BatchAssembler assembler = assembler(100, 0, new Visibility(0x1_0000_0012L, 0x1_0000_0014L, new long[] {}));
        assembler.begin(200, 5, 0x11);
        describe(assembler);
        insert(assembler, RELATION);
        assembler.commit(200, 210, 5);
        assembler.begin(300, 5, 0x14);
        insert(assembler, RELATION);
        assembler.commit(300, 310, 5);
        LogBatch batch = ready(assembler);
        assertThat(batch.events()).hasSize(1);
        assertThat(batch.events().get(0).position()).isEqualTo(new Position(1, 300, 0));
    }

    @Test
    void an_idle_servers_position_moves_the_boundary_between_transactions_only() {
        BatchAssembler assembler = assembler(100, 0, null);
        assertThat(assembler.takeMove()).isNull();
        assembler.idle(150);
        LogBatch move = assembler.takeMove();
        assertThat(move)
                .isEqualTo(
                        new LogBatch(List.of(), new PgResumeToken(150).toToken(), 0, List.of(), List.of(), List.of()));
        assembler.idle(140);
        assertThat(assembler.takeMove()).isNull();
        assembler.begin(200, 5, 1);
        assembler.idle(190);
        assertThat(assembler.takeMove()).isNull();
        assertThat(assembler.boundary()).isEqualTo(150);
    }

    @Test
    void a_large_transaction_is_cut_and_its_slices_carry_the_count() {
        BatchAssembler assembler = assembler(100, 0, null);
        assembler.begin(200, 5, 1);
        describe(assembler);
        for (int i = 0; i < PendingBatch.EVENTS_MAX; i++) {
            assertThat(assembler.takeFull()).isNull();
            insert(assembler, RELATION);
        }
        LogBatch slice = Objects.requireNonNull(assembler.takeFull());
        assertThat(slice.changesAfter()).isEqualTo(PendingBatch.EVENTS_MAX);
        assertThat(slice.boundary()).isEqualTo(new PgResumeToken(100).toToken());
        insert(assembler, RELATION);
        assembler.commit(200, 210, 5);
        LogBatch rest = ready(assembler);
        assertThat(ordinals(rest)).containsExactly(PendingBatch.EVENTS_MAX);
        assertThat(rest.changesAfter()).isZero();
    }

    @Test
    void a_new_session_goes_on_within_the_open_transaction() {
        BatchAssembler assembler = assembler(100, 0, null);
        assembler.begin(200, 5, 1);
        describe(assembler);
        insert(assembler, RELATION);
        assembler.relation(relation(
                RELATION, "t", column(true, "id", TEXT_OID), column(false, "a", TEXT_OID), column(false, "p", 600)));
        assertThat(assembler.textNeeded()).isTrue();
        assembler.beginSession(false);
        assembler.begin(200, 5, 1);
        describe(assembler);
        insert(assembler, RELATION);
        assembler.relation(relation(RELATION, "t", column(true, "id", TEXT_OID), column(false, "p", POINT_OID)));
        assertThat(assembler.textNeeded()).isFalse();
        insert(assembler, RELATION);
        assembler.commit(200, 210, 5);
        LogBatch batch = ready(assembler);
        assertThat(ordinals(batch)).containsExactly(0, 1);
        assertThat(batch.newVersions()).containsExactly(batch.events().get(1).table());
        assertThat(batch.newVersions().get(0).primaryKey()).containsExactly("id");
        assertThat(batch.newVersions().get(0).columns().get(0))
                .isEqualTo(TABLE.columns().get(0));
    }

    @Test
    void a_version_keeps_what_the_log_does_not_tell_and_loses_a_vanished_key() {
        VersionsInForce inForce = new VersionsInForce(List.of(new CapturedTable(TABLE, null)), id -> false);
        RelationCache relations = new RelationCache("db", inForce, TYPES, null);
        List<TableChange> changes = new ArrayList<>();
        RelationMessage noKey = new RelationMessage(
                RELATION, "public", "t", 'f', List.of(column(true, "a", TEXT_OID), column(true, "n", TEXT_OID)));
        assertThat(relations.accept(noKey, true, false, changes::add)).isTrue();
        TableSchema version = Objects.requireNonNull(inForce.version(TABLE.id()));
        assertThat(version.primaryKey()).isEmpty();
        assertThat(version.columns().get(0)).isEqualTo(TABLE.columns().get(1));
        assertThat(version.columns().get(1).nullable()).isTrue();
        assertThat(changes).containsExactly(TableChange.inferred(TABLE, version));
        assertThat(relations.accept(noKey, true, false, changes::add)).isTrue();
        assertThat(changes).hasSize(1);
        assertThat(inForce.version(TABLE.id())).isSameAs(version);
        assertThatThrownBy(() -> relations.layout(OTHER))
                .isInstanceOf(CdcException.class)
                .hasMessageContaining("PROTOCOL_VIOLATION");
    }

    @Test
    void a_short_transaction_id_is_widened_to_the_nearest_epoch() {
        TransactionIds ids = new TransactionIds(0x5_0000_0003L);
        assertThat(ids.widen(0xFFFF_FFFE)).isEqualTo(0x4_FFFF_FFFEL);
        assertThat(ids.widen(7)).isEqualTo(0x5_0000_0007L);
        assertThat(ids.widen(0x7000_0000)).isEqualTo(0x5_7000_0000L);
        assertThat(ids.widen(0xE000_0000)).isEqualTo(0x5_E000_0000L);
        assertThat(ids.widen(1)).isEqualTo(0x6_0000_0001L);
    }
}
