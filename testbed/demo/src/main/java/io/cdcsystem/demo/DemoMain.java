package io.cdcsystem.demo;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The {@code demo} command: options only; {@link Demo} does the work. */
@Command(
        name = "cdc demo",
        mixinStandardHelpOptions = true,
        description = "Runs the main job on embedded PostgreSQL, Kafka, registry and Flink with a live workload,"
                + " and compares tables and topics at the end.")
public final class DemoMain implements Callable<Integer> {
    @Option(
            names = "--seconds",
            defaultValue = "60",
            description = "how long the workload runs (default: ${DEFAULT-VALUE})")
    private int seconds = 60;

    @Option(names = "--headless", description = "no events on the terminal, progress only")
    private boolean headless;

    @Option(names = "--json", description = "one JSON object last on standard output")
    private boolean json;

    @Option(
            names = "--format",
            defaultValue = "debezium-avro",
            description = "debezium-avro or debezium-json (default: ${DEFAULT-VALUE})")
    private String format = "debezium-avro";

    @Option(
            names = "--rows",
            defaultValue = "50000",
            description = "rows that stand in the tables before the start (default: ${DEFAULT-VALUE})")
    private int rows = 50_000;

    @Option(
            names = "--rate",
            defaultValue = "200",
            description = "transactions per second aimed at (default: ${DEFAULT-VALUE})")
    private int rate = 200;

    @Option(
            names = "--web-port",
            defaultValue = "8081",
            description = "port of Flink's web UI; 0 for a free one (default: ${DEFAULT-VALUE})")
    private int webPort = 8081;

    private DemoMain() {}

    /** Exit code 0 only if everything was verified. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new DemoMain()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        // With --json, standard output belongs to the one object at the end.
        Terminal terminal = new Terminal(json ? System.err : System.out, !headless);
        DemoSummary summary = new Demo(terminal, seconds, format, rows, rate, webPort).run();
        summary.print(terminal.out());
        if (json) {
            System.out.println(summary.toJson());
        }
        return summary.verified() ? 0 : 1;
    }
}
