package io.cdcsystem.job.config;

import io.cdcsystem.job.schema.TablePolicies;
import io.cdcsystem.schema.compatibility.CompatibilityMode;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.ruling.BreakingChangePolicy;
import io.cdcsystem.schema.ruling.SchemaPolicy;
import io.cdcsystem.source.SchemaGateConfig.Scope;
import io.cdcsystem.source.postgres.catalog.TablePattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the section {@code schema}. */
final class SchemaReader {
    /** What an override says where it leaves a key out. */
    private static final String INHERITED = "as above";

    private final Section section;

    SchemaReader(Section section) {
        this.section = section;
    }

    PipelineConfig.Schema read() {
        CompatibilityMode mode = section.choice(
                "compatibility", modes(), SchemaPolicy.DEFAULT.compatibility().configName());
        BreakingChangePolicy policy = section.choice(
                "on-breaking-change",
                policies(),
                SchemaPolicy.DEFAULT.onBreakingChange().configName());
        Map<String, Scope> scopes = new LinkedHashMap<>();
        scopes.put("table", Scope.TABLE);
        scopes.put("pipeline", Scope.PIPELINE);
        Scope scope = section.choice("pause.scope", scopes, "table");
        long backlog = section.size("pause.backlog-max", "64mb");
        if (backlog == 0) {
            section.problem("pause.backlog-max", "must be at least 1b");
        }
        SchemaPolicy fallback = new SchemaPolicy(mode, policy);
        List<TablePolicies.Entry> entries = section.sections("overrides", one -> entry(one, fallback));
        return new PipelineConfig.Schema(new TablePolicies(fallback, entries), scope, Math.max(backlog, 1));
    }

    private static TablePolicies.Entry entry(Section one, SchemaPolicy fallback) {
        List<String> readable = new ArrayList<>();
        for (String table : one.texts("tables", ConfigKey.REQUIRED, List.of())) {
            try {
                TablePattern.parse(table);
                readable.add(table);
            } catch (CdcException e) {
                one.problem("tables", PipelineReader.uncoded(e));
            }
        }
        return new TablePolicies.Entry(
                readable,
                new SchemaPolicy(
                        one.choiceOr("compatibility", modes(), fallback.compatibility(), INHERITED),
                        one.choiceOr("on-breaking-change", policies(), fallback.onBreakingChange(), INHERITED)));
    }

    private static Map<String, CompatibilityMode> modes() {
        Map<String, CompatibilityMode> modes = new LinkedHashMap<>();
        for (CompatibilityMode mode : CompatibilityMode.values()) {
            modes.put(mode.configName(), mode);
        }
        return modes;
    }

    private static Map<String, BreakingChangePolicy> policies() {
        Map<String, BreakingChangePolicy> policies = new LinkedHashMap<>();
        for (BreakingChangePolicy policy : BreakingChangePolicy.values()) {
            policies.put(policy.configName(), policy);
        }
        return policies;
    }
}
