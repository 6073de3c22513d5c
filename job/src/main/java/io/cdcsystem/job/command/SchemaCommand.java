package io.cdcsystem.job.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cdcsystem.job.Pipeline;
import io.cdcsystem.job.schema.SchemaDecisionLog;
import io.cdcsystem.job.schema.SchemaHistory;
import io.cdcsystem.job.schema.SchemaTopics;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.ruling.SchemaDecision;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cdc schema}: what became of tables' definitions, and people's decisions on it, through the pipeline's topics. */
@Command(
        name = "schema",
        description = "Show what became of tables' definitions, and decide on changes that break consumers.",
        mixinStandardHelpOptions = true)
final class SchemaCommand implements Runnable {
    private static final String DONE = "0:done";
    private static final String FAILED = "1:not done; the reason is on stderr";
    private static final String USAGE = "2:wrong usage";

    @Spec
    private @Nullable CommandSpec spec;

    /** What {@code approve} and {@code reject} are told. */
    static final class DecisionOptions {
        @Parameters(
                paramLabel = "TABLE",
                arity = "0..1",
                description = "The table as schema.table; may be left out where one change is pending in all.")
        private @Nullable String table;

        @Option(
                names = "--fingerprint",
                paramLabel = "F",
                description = "The version that is meant, as 'schema list' shows it, or how it begins.")
        private @Nullable String fingerprint;

        @Option(names = "--reason", paramLabel = "TEXT", description = "Why; recorded with the decision.")
        private @Nullable String reason;

        @Option(names = "--by", paramLabel = "WHO", description = "Who decides (default: the user of this system).")
        private String by = System.getProperty("user.name", "unknown");

        @Option(names = "--json", description = "Print the decision as one JSON document.")
        private boolean json;
    }

    @Override
    public void run() {
        CommandLine command = Objects.requireNonNull(spec).commandLine();
        command.usage(command.getOut());
    }

    @Command(
            name = "list",
            description = "Show each table's schema in use, changes that wait for a decision, and past decisions.",
            mixinStandardHelpOptions = true,
            exitCodeListHeading = "Exit codes:%n",
            exitCodeList = {DONE, FAILED, USAGE})
    int list(
            @Mixin PipelineFileOption file,
            @Parameters(
                            paramLabel = "TABLE",
                            arity = "0..1",
                            defaultValue = Option.NULL_VALUE,
                            description = "Only this table, as schema.table.")
                    @Nullable
                    String table,
            @Option(names = "--json", description = "Print one JSON document.") boolean json) {
        SchemaHistory history = SchemaHistory.read(Pipeline.schemaTopics(file.load()));
        List<SchemaHistory.Table> shown = history.tables().stream()
                .filter(one -> table == null || one.isCalled(table))
                .toList();
        if (table != null && shown.isEmpty()) {
            throw unknown(history, table);
        }
        Instant now = Instant.now();
        print(json ? SchemaListing.json(shown, now) : SchemaListing.text(shown, now, file.toString()));
        return CommandLine.ExitCode.OK;
    }

    @Command(
            name = "approve",
            description = "Let a pipeline publish a table version that breaks its consumers.",
            mixinStandardHelpOptions = true,
            exitCodeListHeading = "Exit codes:%n",
            exitCodeList = {DONE, FAILED, USAGE})
    int approve(@Mixin PipelineFileOption file, @Mixin DecisionOptions options) {
        return decide(file, options, SchemaDecision.Kind.APPROVED);
    }

    @Command(
            name = "reject",
            description = "Have a pipeline write the events of a table version to its dead-letter topic.",
            mixinStandardHelpOptions = true,
            exitCodeListHeading = "Exit codes:%n",
            exitCodeList = {DONE, FAILED, USAGE})
    int reject(@Mixin PipelineFileOption file, @Mixin DecisionOptions options) {
        return decide(file, options, SchemaDecision.Kind.REJECTED);
    }

    private int decide(PipelineFileOption file, DecisionOptions options, SchemaDecision.Kind kind) {
        if (options.by.isBlank()) {
            throw new CommandLine.ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "--by names who decides; it must not be blank");
        }
        SchemaTopics topics = Pipeline.schemaTopics(file.load());
        SchemaHistory.Notice meant = meant(SchemaHistory.read(topics), options, file);
        SchemaDecision decision = new SchemaDecision(
                meant.table(),
                meant.fingerprint(),
                kind,
                options.by,
                options.reason,
                Instant.now().truncatedTo(ChronoUnit.MILLIS));
        long offset = SchemaDecisionLog.record(topics, decision);
        print(options.json ? json(decision, topics, offset) : text(decision, meant, topics, offset));
        return CommandLine.ExitCode.OK;
    }

    /** The one change that is to be decided on. */
    private static SchemaHistory.Notice meant(SchemaHistory history, DecisionOptions options, PipelineFileOption file) {
        String table = options.table;
        String fingerprint = options.fingerprint;
        List<SchemaHistory.Table> tables = history.tables().stream()
                .filter(one -> table == null || one.isCalled(table))
                .toList();
        if (table != null && tables.isEmpty()) {
            throw unknown(history, table);
        }
        List<SchemaHistory.Notice> candidates = fingerprint == null
                ? tables.stream().flatMap(one -> one.pending().stream()).toList()
                // A version named by itself may be decided on again.
                : tables.stream()
                        .flatMap(one -> one.notices().stream()
                                .filter(notice -> notice.fingerprint().startsWith(fingerprint))
                                .reduce((first, second) -> second)
                                .stream())
                        .toList();
        if (candidates.isEmpty()) {
            String of = table == null ? "" : " of " + table;
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID,
                    (fingerprint == null
                                    ? "no change" + of + " waits for a decision"
                                    : "no version" + of + " begins with the fingerprint " + fingerprint)
                            + "; see ./cdc schema list -c " + file);
        }
        if (candidates.size() > 1) {
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID,
                    "several changes are meant: "
                            + candidates.stream()
                                    .map(one -> one.table() + " " + one.fingerprint())
                                    .collect(Collectors.joining(", "))
                            + "; name one by TABLE or --fingerprint");
        }
        return candidates.get(0);
    }

    private static CdcException unknown(SchemaHistory history, String table) {
        return new CdcException(
                ErrorCode.TABLE_MISSING,
                "nothing was told of a table " + table + "; known are "
                        + (history.tables().isEmpty()
                                ? "none: the pipeline has not published anything yet"
                                : history.tables().stream()
                                        .map(SchemaHistory.Table::name)
                                        .collect(Collectors.joining(", "))));
    }

    private static String text(SchemaDecision decision, SchemaHistory.Notice meant, SchemaTopics topics, long offset) {
        StringBuilder text = new StringBuilder(decision.kind().text())
                .append(' ')
                .append(decision.table())
                .append(" version ")
                .append(decision.fingerprint())
                .append(" as ")
                .append(decision.by())
                .append(", recorded at offset ")
                .append(offset)
                .append(" of topic ")
                .append(topics.decisions())
                .append('\n');
        meant.breaks().forEach(one -> text.append("  ").append(one).append('\n'));
        return text.append(
                        "a pipeline that waits for it goes on within a second; one that does not run finds it there\n")
                .toString();
    }

    private static String json(SchemaDecision decision, SchemaTopics topics, long offset) {
        ObjectNode root = new ObjectMapper().createObjectNode();
        root.put("table", decision.table())
                .put("fingerprint", decision.fingerprint())
                .put("decision", decision.kind().text())
                .put("by", decision.by())
                .put("reason", decision.reason())
                .put("at", decision.at().toString())
                .put("topic", topics.decisions())
                .put("offset", offset);
        return root.toPrettyString() + "\n";
    }

    private void print(String text) {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        out.print(text);
        out.flush();
    }
}
