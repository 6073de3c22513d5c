package io.cdcsystem.source.postgres.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import io.cdcsystem.source.postgres.pgoutput.RelationMessage;
import io.cdcsystem.source.postgres.type.PgType;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a stream's description of a table makes of the version before. */
@Tag("E10")
class RelationDescriptionTest {
    private static final PgType TEXT = BatchAssemblerTest.TYPES.resolve(25, -1);

    private static TableSchema described(List<String> before, List<String> now) {
        Column column = new Column("m", ColumnType.enumeration(before), false, new FieldValue(new byte[] {1}), "mood");
        TableSchema previous = new TableSchema(new TableId("db", "public", "t"), List.of(column), List.of());
        PgType type = new PgType(9, "mood", ColumnType.enumeration(now), true, TEXT.decoder());
        RelationMessage relation = new RelationMessage(
                7, "public", "t", 'd', List.of(new RelationMessage.Column(false, "m", type.oid(), -1)));
        TableSchema after = RelationDescription.version(relation, List.of(type), previous);
        return after.equals(previous) ? previous : after;
    }

    @Test
    void labels_that_the_catalog_has_by_now_do_not_begin_a_version() {
        TableSchema after = described(List.of("a", "c"), List.of("a", "b", "c"));
        assertThat(after.columns().get(0).type().labels()).containsExactly("a", "c");
        assertThat(after.columns().get(0).nullable()).isFalse();
        assertThat(after.columns().get(0).defaultValue()).isNotNull();
    }

    @Test
    void a_renamed_label_does() {
        assertThat(described(List.of("a", "b"), List.of("a", "z"))
                        .columns()
                        .get(0)
                        .type()
                        .labels())
                .containsExactly("a", "z");
    }
}
