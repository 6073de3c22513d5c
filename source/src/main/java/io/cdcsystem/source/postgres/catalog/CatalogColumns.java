package io.cdcsystem.source.postgres.catalog;

import io.cdcsystem.schema.table.Column;
import io.cdcsystem.schema.table.FieldValue;
import io.cdcsystem.source.postgres.type.PgType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns columns of the catalog into those of a table version. Stateless. */
public final class CatalogColumns {
    private CatalogColumns() {}

    /**
     * Evaluates constant expressions.
     *
     * @param <E> how it fails
     */
    @FunctionalInterface
    public interface Constants<E extends Exception> {
        /** The values in order, in the layout of their types; null stands for NULL. */
        List<@Nullable FieldValue> evaluate(List<String> expressions, List<PgType> types) throws E;
    }

    /**
     * The columns with their defaults: a constant's value, the type's zero for what only the server can compute in a column
     * that takes no null, else none.
     *
     * @param types the columns' types, in their order
     */
    public static <E extends Exception> List<Column> resolve(
            List<CatalogColumn> columns, List<PgType> types, Constants<E> constants) throws E {
        List<PgType> constantTypes = new ArrayList<>();
        List<String> expressions = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            String expression = columns.get(i).defaultExpression();
            if (expression != null && ColumnDefaults.isConstant(expression)) {
                constantTypes.add(types.get(i));
                expressions.add(expression);
            }
        }
        List<@Nullable FieldValue> values =
                expressions.isEmpty() ? List.of() : constants.evaluate(expressions, constantTypes);
        List<Column> resolved = new ArrayList<>();
        int constant = 0;
        for (int i = 0; i < columns.size(); i++) {
            CatalogColumn column = columns.get(i);
            PgType type = types.get(i);
            String expression = column.defaultExpression();
            FieldValue value = null;
            if (expression != null && ColumnDefaults.isConstant(expression)) {
                value = values.get(constant++);
            } else if (column.notNull() && (expression != null || column.computed())) {
                value = ColumnDefaults.zero(type.columnType());
            }
            resolved.add(new Column(column.name(), type.columnType(), !column.notNull(), value, type.name()));
        }
        return resolved;
    }
}
