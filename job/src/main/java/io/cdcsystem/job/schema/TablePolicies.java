package io.cdcsystem.job.schema;

import io.cdcsystem.schema.ruling.SchemaPolicies;
import io.cdcsystem.schema.ruling.SchemaPolicy;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.postgres.catalog.TablePattern;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * Policies by table pattern.
 *
 * @param fallback the policy of tables that no entry means
 * @param entries the first that means a table holds for it
 */
public record TablePolicies(SchemaPolicy fallback, List<Entry> entries) implements SchemaPolicies {

    /**
     * The policy of some tables.
     *
     * @param tables patterns as in {@code source.tables}
     * @param policy theirs
     */
    public record Entry(List<String> tables, SchemaPolicy policy) implements Serializable {
        /** Rejects patterns that are none. */
        public Entry {
            Objects.requireNonNull(policy, "policy");
            tables = List.copyOf(tables);
            tables.forEach(TablePattern::parse);
        }

        private boolean means(TableId table) {
            return tables.stream()
                    .anyMatch(pattern -> TablePattern.parse(pattern).matches(table));
        }
    }

    /** Takes the list over. */
    public TablePolicies {
        Objects.requireNonNull(fallback, "fallback");
        entries = List.copyOf(entries);
    }

    /** One policy for all tables. */
    public static TablePolicies all(SchemaPolicy policy) {
        return new TablePolicies(policy, List.of());
    }

    @Override
    public SchemaPolicy of(TableId table) {
        return entries.stream()
                .filter(entry -> entry.means(table))
                .map(Entry::policy)
                .findFirst()
                .orElse(fallback);
    }
}
