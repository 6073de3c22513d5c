package io.cdcsystem.job.command;

import io.cdcsystem.schema.error.CdcException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The {@code cdc} command. Exit code 0: done; 1 and above: failed, with what, where and what to do on stderr. */
@Command(
        name = "cdc",
        description = "Change data capture from PostgreSQL to Kafka on Apache Flink.",
        mixinStandardHelpOptions = true,
        versionProvider = Cdc.Version.class,
        subcommands = {
            RunCommand.class,
            CheckCommand.class,
            StatusCommand.class,
            ResnapshotCommand.class,
            SchemaCommand.class
        },
        footer = {"", "Also: cdc demo [--seconds N] [--headless]   the whole pipeline on embedded servers"})
public final class Cdc implements Runnable {
    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Print stack traces with errors.")
    private boolean debug;

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command line, ready to execute: also for tests, which give it their own writers. */
    static CommandLine commandLine() {
        Cdc top = new Cdc();
        return new CommandLine(top)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Cdc::wrongUsage)
                .setExecutionExceptionHandler((exception, command, parsed) -> top.failed(exception, command));
    }

    @Override
    public void run() {
        if (spec != null) {
            spec.commandLine().usage(spec.commandLine().getOut());
        }
    }

    private static int wrongUsage(CommandLine.ParameterException exception, String[] args) {
        CommandLine command = exception.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("cdc: " + exception.getMessage());
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(exception, err)) {
            err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        }
        err.flush();
        return CommandLine.ExitCode.USAGE;
    }

    private int failed(Exception exception, CommandLine command) {
        PrintWriter err = command.getErr();
        err.println("cdc: " + message(exception));
        if (debug) {
            exception.printStackTrace(err);
        }
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** The message meant for people: that of the outermost {@link CdcException} where there is one. */
    static String message(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CdcException && cause.getMessage() != null) {
                return cause.getMessage();
            }
        }
        return failure + "; run again with --debug for the stack trace";
    }

    /** The version that the build wrote into the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Cdc.class.getPackage().getImplementationVersion();
            return new String[] {"cdc " + (version == null ? "(unpackaged build)" : version)};
        }
    }
}
