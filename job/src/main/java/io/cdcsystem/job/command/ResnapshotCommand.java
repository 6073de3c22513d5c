package io.cdcsystem.job.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cdcsystem.job.Pipeline;
import io.cdcsystem.job.config.PipelineConfig;
import io.cdcsystem.job.signal.KafkaSignalChannelConfig;
import io.cdcsystem.job.signal.KafkaSignalSender;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.table.TableId;
import io.cdcsystem.source.postgres.signal.SignalSender;
import io.cdcsystem.source.postgres.slot.SlotState;
import io.cdcsystem.source.signal.Signal;
import io.cdcsystem.source.signal.SignalException;
import io.cdcsystem.source.signal.SignalParser;
import io.cdcsystem.source.signal.TableMatcher;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cdc resnapshot}: sends a signal to a pipeline, through its database's log or its signal topic. */
@Command(
        name = "resnapshot",
        description = "Have a running pipeline read tables again, while it goes on capturing their changes.",
        footer = {
            "",
            "The request is written to the database's log as a message of its own: that needs no table and no privilege",
            "to write. A pipeline that does not run acts on it when it runs again."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:sent", "1:not sent; the reason is on stderr", "2:wrong usage"})
final class ResnapshotCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LISTED_MAX = 20;

    @Mixin
    private PipelineFileOption file = new PipelineFileOption();

    @Parameters(
            paramLabel = "TABLE",
            arity = "0..*",
            description = "Tables as schema.table: a regular expression that matches the full name.")
    private List<String> tables = List.of();

    @Option(
            names = "--where",
            paramLabel = "CONDITION",
            description = "Read only the rows for which this SQL condition holds.")
    private @Nullable String where;

    @ArgGroup
    private @Nullable Other other;

    @Option(names = "--id", paramLabel = "ID", description = "Names the request in the job's log (default: random).")
    private String id = "resnapshot-" + UUID.randomUUID();

    @Option(names = "--via-kafka", description = "Send it through signal.kafka.topic instead of the database's log.")
    private boolean viaKafka;

    @Option(names = "--json", description = "Print what was sent as one JSON document.")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    /** What else than reading tables can be asked for. */
    static final class Other {
        @Option(names = "--stop", description = "End re-reads that are not finished: of these tables, or all.")
        private boolean stop;

        @Option(names = "--pause", description = "Pause reading rows, of all tables; changes are captured on.")
        private boolean pause;

        @Option(names = "--resume", description = "Go on reading rows.")
        private boolean resume;

        @Option(names = "--add", description = "Capture tables that are not captured yet: rows and changes.")
        private boolean add;

        @Option(names = "--remove", description = "Capture tables no longer.")
        private boolean remove;
    }

    /**
     * What was sent.
     *
     * @param where the place in the log or the topic
     * @param notes what the user should know about it
     */
    private record Sent(String where, boolean slotActive, List<String> notes) {}

    @Override
    public Integer call() throws Exception {
        Signal signal = new Signal(id, type(), data());
        requireSense(signal);
        PipelineConfig config = file.load();
        Sent sent = send(config, signal);
        PrintWriter out = spec().commandLine().getOut();
        out.print(json ? json(config, signal, sent) : text(config, signal, sent));
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private String type() {
        Other asked = other;
        if (asked == null) {
            return SignalParser.EXECUTE_SNAPSHOT;
        }
        if (asked.stop) {
            return SignalParser.STOP_SNAPSHOT;
        }
        if (asked.pause) {
            return SignalParser.PAUSE_SNAPSHOT;
        }
        if (asked.resume) {
            return SignalParser.RESUME_SNAPSHOT;
        }
        return asked.add ? SignalParser.ADD_TABLES : SignalParser.REMOVE_TABLES;
    }

    private String data() {
        ObjectNode data = JSON.createObjectNode();
        if (!tables.isEmpty()) {
            ArrayNode collections = data.putArray(SignalParser.DATA_COLLECTIONS);
            tables.forEach(collections::add);
        }
        if (where != null) {
            ArrayNode conditions = data.putArray(SignalParser.ADDITIONAL_CONDITIONS);
            tables.forEach(table -> conditions
                    .addObject()
                    .put(SignalParser.DATA_COLLECTION, table)
                    .put(SignalParser.FILTER, where));
        }
        return data.toString();
    }

    private void requireSense(Signal signal) {
        String type = signal.type();
        boolean takesNone = type.equals(SignalParser.PAUSE_SNAPSHOT) || type.equals(SignalParser.RESUME_SNAPSHOT);
        if (takesNone && !tables.isEmpty()) {
            throw usage("--pause and --resume mean all tables; leave the tables out");
        }
        if (!takesNone && !type.equals(SignalParser.STOP_SNAPSHOT) && tables.isEmpty()) {
            throw usage("name at least one table, for example public.orders");
        }
        if (where != null && (other != null || where.isBlank())) {
            throw usage("--where takes a condition on the rows to read, and only where tables are read again");
        }
        try {
            SignalParser.parse(signal);
        } catch (SignalException e) {
            throw usage(String.valueOf(e.getMessage()));
        }
    }

    private Sent send(PipelineConfig config, Signal signal) throws SignalException {
        KafkaSignalChannelConfig topic = viaKafka ? Pipeline.signals(config) : null;
        if (viaKafka && topic == null) {
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID,
                    "the pipeline file names no signal topic; set signal.kafka.topic, and restart the job with it");
        }
        String slotName = config.source().slotName();
        try (SignalSender sender = new SignalSender(config.source())) {
            requireSlot(sender, slotName, config.source().database());
            List<String> notes = new ArrayList<>();
            checkTables(sender, notes);
            String place = topic == null
                    ? "at " + sender.send(signal) + " of the log"
                    : "at offset " + KafkaSignalSender.send(topic, signal) + " of topic " + topic.topic();
            boolean active = sender.slot().map(slot -> slot.activePid() != 0).orElse(false);
            notes.add(
                    active
                            ? "a pipeline reads from replication slot " + slotName + " right now"
                            : "no pipeline reads from replication slot " + slotName
                                    + " right now; the request waits until one does");
            return new Sent(place, active, notes);
        }
    }

    private static void requireSlot(SignalSender sender, String name, String database) {
        SlotState slot = sender.slot()
                .orElseThrow(() -> new CdcException(
                        ErrorCode.SLOT_UNUSABLE,
                        "there is no replication slot " + name + ", so no pipeline that would hear the request; start"
                                + " the pipeline first (it reads all tables then), or correct source.slot.name"));
        slot.obstacle(database).ifPresent(found -> {
            throw found.toException();
        });
    }

    private void checkTables(SignalSender sender, List<String> notes) throws SignalException {
        List<TableId> existing = sender.tables();
        List<TableId> configured = sender.configured(existing);
        boolean add = other != null && other.add;
        boolean remove = other != null && other.remove;
        Set<TableId> known = new TreeSet<>(add ? existing : configured);
        if (!add) {
            sender.published().stream().filter(existing::contains).forEach(known::add);
        }
        for (String text : tables) {
            TableMatcher matcher = TableMatcher.of(List.of(text));
            List<TableId> meant = known.stream().filter(matcher::matches).toList();
            // A table that is to be captured no longer may be dropped already.
            if (meant.isEmpty() && !remove) {
                throw new CdcException(
                        ErrorCode.TABLE_MISSING,
                        "'" + text + "' is no table that "
                                + (add ? "the database has: " : "is captured; captured may be ")
                                + listed(known));
            }
            if (add && !configured.containsAll(meant)) {
                notes.add("add " + text + " to source.tables of " + file
                        + " as well: a start without state goes by what it says");
            }
            String condition = where;
            if (condition != null) {
                meant.forEach(table -> sender.checkCondition(table, condition));
            }
        }
    }

    private static String listed(Set<TableId> tables) {
        String names = String.join(
                ", ", tables.stream().limit(LISTED_MAX).map(TableId::toString).toList());
        return tables.isEmpty() ? "no table" : tables.size() > LISTED_MAX ? names + " …" : names;
    }

    private String text(PipelineConfig config, Signal signal, Sent sent) {
        StringBuilder text = new StringBuilder("sent ")
                .append(signal.type())
                .append(tables.isEmpty() ? "" : " for " + String.join(", ", tables))
                .append(where == null ? "" : " where " + where)
                .append(" to pipeline ")
                .append(config.name())
                .append(" as ")
                .append(signal.id())
                .append(", ")
                .append(sent.where())
                .append('\n');
        sent.notes().forEach(note -> text.append(note).append('\n'));
        return text.toString();
    }

    private String json(PipelineConfig config, Signal signal, Sent sent) throws java.io.IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("pipeline", config.name())
                .put("id", signal.id())
                .put("type", signal.type())
                .put("slot", config.source().slotName())
                .put("slotActive", sent.slotActive())
                .put("via", viaKafka ? "kafka" : "log")
                .put("where", sent.where());
        root.set("data", JSON.readTree(signal.data()));
        sent.notes().forEach(root.putArray("notes")::add);
        return root.toPrettyString() + "\n";
    }

    private CommandLine.ParameterException usage(String message) {
        return new CommandLine.ParameterException(spec().commandLine(), message);
    }

    private CommandSpec spec() {
        return Objects.requireNonNull(spec);
    }
}
