package io.cdcsystem.schema.event.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.position.Generation;
import io.cdcsystem.schema.position.Position;
import io.cdcsystem.schema.position.Visibility;
import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.ColumnType;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.schema.table.TableSchema;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("S6")
class VocabularyCodecTest {

    @Test
    void a_table_with_every_feature_comes_back_equal() throws IOException {
        byte[] bytes = Samples.written(out -> VocabularyCodec.writeTableSchema(Samples.CUSTOMERS, out));

        assertThat(Samples.read(bytes, VocabularyCodec::readTableSchema)).isEqualTo(Samples.CUSTOMERS);
    }

    @Test
    void a_table_is_laid_out_as_the_golden_file_says() throws IOException {
        byte[] golden = Samples.golden("table-schema-v1");

        assertThat(Samples.written(out -> VocabularyCodec.writeTableSchema(Samples.CUSTOMERS, out)))
                .isEqualTo(golden);
        assertThat(Samples.read(golden, VocabularyCodec::readTableSchema)).isEqualTo(Samples.CUSTOMERS);
    }

    @Test
    void a_generation_is_laid_out_as_the_golden_file_says() throws IOException {
        byte[] golden = Samples.golden("generation-v1");

        assertThat(Samples.written(out -> VocabularyCodec.writeGeneration(Samples.GENERATION, out)))
                .isEqualTo(golden);
        Generation read = Samples.read(golden, VocabularyCodec::readGeneration);
        assertThat(read).isEqualTo(Samples.GENERATION);
    }

    @ParameterizedTest
    @EnumSource(ColumnType.Kind.class)
    void every_kind_has_a_code_of_its_own(ColumnType.Kind kind) throws IOException {
        ColumnType type = kind == ColumnType.Kind.ARRAY
                ? ColumnType.array(ColumnType.of(ColumnType.Kind.VARIABLE_DECIMAL))
                : ColumnType.of(kind);
        TableSchema table = new TableSchema(
                new TableId("d", "", "t"), List.of(new Column("c", type, true, null, "any")), List.of());
        byte[] bytes = Samples.written(out -> VocabularyCodec.writeTableSchema(table, out));

        assertThat(Samples.read(bytes, VocabularyCodec::readTableSchema)).isEqualTo(table);
    }

    @Test
    void codes_of_kinds_are_distinct() {
        Set<Integer> codes = new HashSet<>();
        for (ColumnType.Kind kind : ColumnType.Kind.values()) {
            codes.add(KindCode.of(kind));
        }
        assertThat(codes).hasSameSizeAs(ColumnType.Kind.values());
    }

    @Test
    void positions_with_extreme_parts_come_back() throws IOException {
        for (Position position :
                List.of(new Position(0, 0, 0), new Position(Integer.MAX_VALUE, -1L, Integer.MAX_VALUE))) {
            byte[] bytes = Samples.written(out -> VocabularyCodec.writePosition(position, out));
            assertThat(bytes).hasSize(16);
            assertThat(Samples.read(bytes, VocabularyCodec::readPosition)).isEqualTo(position);
        }
    }

    @Test
    void thousands_of_transactions_in_progress_take_few_bytes() throws IOException {
        long first = 1L << 40;
        Visibility visibility = new Visibility(
                first,
                first + 20_000,
                LongStream.range(0, 5_000).map(i -> first + 3 * i).toArray());
        byte[] bytes = Samples.written(out -> VocabularyCodec.writeVisibility(visibility, out));

        assertThat(bytes.length).isLessThan(5_050);
        assertThat(Samples.read(bytes, VocabularyCodec::readVisibility)).isEqualTo(visibility);
    }

    @Test
    void a_newer_layout_is_refused_by_name() throws IOException {
        byte[] bytes = Samples.written(out -> VocabularyCodec.writeTableSchema(Samples.CUSTOMERS, out));
        bytes[0] = 9;

        assertThatThrownBy(() -> Samples.read(bytes, VocabularyCodec::readTableSchema))
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STATE_UNREADABLE))
                .hasMessageContaining("a table's schema is stored in layout 9");
    }

    @Test
    void bytes_cut_anywhere_end_in_an_error_never_in_a_value() throws IOException {
        byte[] bytes = Samples.written(out -> VocabularyCodec.writeTableSchema(Samples.CUSTOMERS, out));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> Samples.read(cut, VocabularyCodec::readTableSchema))
                    .isInstanceOf(EOFException.class);
        }
    }

    @Test
    void any_damaged_byte_ends_in_an_error_of_ours_or_another_value_but_nothing_else() throws IOException {
        byte[] bytes = Samples.written(out -> VocabularyCodec.writeTableSchema(Samples.CUSTOMERS, out));
        int refused = 0;
        for (int at = 0; at < bytes.length; at++) {
            byte[] damaged = bytes.clone();
            damaged[at] = (byte) 0xFF;
            try {
                assertThat(VocabularyCodec.readTableSchema(new DataInputStream(new ByteArrayInputStream(damaged))))
                        .isNotEqualTo(Samples.CUSTOMERS);
            } catch (CdcException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.STATE_UNREADABLE);
                refused++;
            } catch (EOFException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }
}
