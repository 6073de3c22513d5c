package io.cdcsystem.job.rest;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Finds a table by what Flink's REST API makes of its name in a metric's: {@code public.orders} is {@code public_orders}
 * there, and so is a table that is really called so.
 */
public final class TableNames {
    private static final String AMBIGUOUS = "";

    private final Map<String, String> byMetricName = new HashMap<>();

    /** Of these tables, as {@code schema.table}. */
    public TableNames(Collection<String> tables) {
        tables.forEach(table -> byMetricName.merge(inMetric(table), table, (one, other) -> AMBIGUOUS));
    }

    /** The table's name, or what was given where that is none's or more than one's. */
    String realName(String metricName) {
        String found = byMetricName.getOrDefault(metricName, AMBIGUOUS);
        return found.equals(AMBIGUOUS) ? metricName : found;
    }

    /** As Flink's metric query service writes a name. */
    static String inMetric(String name) {
        return name.replace(' ', '_').replace('.', '_').replace(':', '_').replace(',', '_');
    }
}
