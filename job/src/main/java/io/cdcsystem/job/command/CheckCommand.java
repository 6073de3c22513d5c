package io.cdcsystem.job.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cdcsystem.job.Pipeline;
import io.cdcsystem.job.config.PipelineConfig;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.Finding;
import io.cdcsystem.schema.error.Finding.Severity;
import io.cdcsystem.sink.KafkaPreflight;
import io.cdcsystem.source.SnapshotConfig;
import io.cdcsystem.source.database.StartFrom;
import io.cdcsystem.source.postgres.preflight.DdlChecks;
import io.cdcsystem.source.postgres.preflight.PostgresPreflight;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cdc check}: looks at everything a pipeline needs; changes nothing but the event triggers, if asked to. */
@Command(
        name = "check",
        description = "Check a pipeline file and the servers it names; changes nothing unless told to.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:all is good", "1:it runs, with warnings", "2:it cannot run, or the file is wrong"})
final class CheckCommand implements Callable<Integer> {
    @Mixin
    private PipelineFileOption file = new PipelineFileOption();

    @Option(names = "--json", description = "Print the findings as one JSON document.")
    private boolean json;

    @ArgGroup
    private Triggers triggers = new Triggers();

    /** What is to be done about the event triggers before the check; at most one of the two. */
    private static final class Triggers {
        @Option(
                names = "--install",
                description = "First install the event triggers that write DDL into the log; takes a superuser.")
        private boolean install;

        @Option(names = "--uninstall", description = "First remove these event triggers.")
        private boolean uninstall;
    }

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        List<Finding> findings = findings(file, triggers);
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        out.print(json ? json(findings) : text(findings));
        out.flush();
        return exitCode(findings);
    }

    private static List<Finding> findings(PipelineFileOption file, Triggers triggers) throws InterruptedException {
        PipelineConfig config;
        try {
            config = file.load();
        } catch (CdcException e) {
            return List.of(new Finding(
                    Severity.ERROR,
                    "config",
                    file.toString(),
                    String.valueOf(e.getMessage()),
                    "correct the file; its keys are described in docs/configuration.md"));
        }
        List<Finding> findings = new ArrayList<>();
        findings.add(new Finding(Severity.OK, "config", file.toString(), "the pipeline file is valid", null));
        if (triggers.install) {
            findings.add(DdlChecks.install(config.source()));
        } else if (triggers.uninstall) {
            findings.add(DdlChecks.uninstall(config.source()));
        }
        findings.addAll(PostgresPreflight.run(config.source(), from(config.snapshot())));
        findings.addAll(KafkaPreflight.run(Pipeline.sink(config)));
        PipelineConfig.Registry registry = config.registry();
        if (registry != null) {
            findings.addAll(RegistryPreflight.run(registry));
        }
        return findings;
    }

    /** Where a pipeline begins that has no state yet. */
    private static StartFrom from(SnapshotConfig snapshot) {
        return switch (snapshot.mode()) {
            case INITIAL, WHEN_NEEDED -> new StartFrom.Snapshot(1, null);
            case INITIAL_ONLY -> new StartFrom.SnapshotOnly();
            case NO_DATA -> new StartFrom.Now();
            case FROM_POSITION -> new StartFrom.At(Objects.requireNonNull(snapshot.position()));
        };
    }

    /** 0, 1 or 2: the gravest finding decides. */
    static int exitCode(List<Finding> findings) {
        if (count(findings, Severity.ERROR) > 0) {
            return 2;
        }
        return count(findings, Severity.WARNING) > 0 ? 1 : 0;
    }

    /** One line per finding, its remedy indented below it; a verdict at the end. */
    static String text(List<Finding> findings) {
        StringBuilder text = new StringBuilder();
        for (Finding finding : findings) {
            text.append(String.format(
                    "%-7s %-8s %s: %s%n",
                    finding.severity().name().toLowerCase(Locale.ROOT),
                    finding.component(),
                    finding.subject(),
                    finding.message()));
            String remedy = finding.remedy();
            if (remedy != null && finding.severity() != Severity.OK) {
                remedy.lines()
                        .forEach(line -> text.append("        -> ").append(line).append('\n'));
            }
        }
        return text.append(verdict(findings)).append('\n').toString();
    }

    static String json(List<Finding> findings) {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode();
        root.put("exitCode", exitCode(findings));
        root.put("verdict", verdict(findings));
        ArrayNode array = root.putArray("findings");
        for (Finding finding : findings) {
            array.addObject()
                    .put("severity", finding.severity().name())
                    .put("component", finding.component())
                    .put("subject", finding.subject())
                    .put("message", finding.message())
                    .put("remedy", finding.remedy());
        }
        return root.toPrettyString() + "\n";
    }

    private static String verdict(List<Finding> findings) {
        long errors = count(findings, Severity.ERROR);
        long warnings = count(findings, Severity.WARNING);
        if (errors > 0) {
            return "the pipeline cannot run: errors " + errors + ", warnings " + warnings;
        }
        return warnings > 0 ? "the pipeline can run: warnings " + warnings : "the pipeline can run";
    }

    private static long count(List<Finding> findings, Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .count();
    }
}
