package io.cdcsystem.job.command;

import io.cdcsystem.job.config.PipelineConfig;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cdc run}: a pipeline on a Flink of its own, in this process. */
@Command(
        name = "run",
        description = "Run a pipeline in this process, with Flink's web UI, until it is stopped.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "With --state, SIGTERM and Ctrl-C take a savepoint first (exit code 0), and the next start goes on from",
            "the newest checkpoint or savepoint in the folder, also after kill -9."
        })
final class RunCommand implements Callable<Integer> {
    @Mixin
    private PipelineFileOption file = new PipelineFileOption();

    @Option(names = "--state", paramLabel = "DIR", description = "Keep checkpoints and savepoints in this folder.")
    private @Nullable Path state;

    @Option(
            names = "--bounded",
            description = "Stop at the end that the database's log has at the start. With --state, the next run goes on"
                    + " from there.")
    private boolean bounded;

    @Option(names = "--from", paramLabel = "SAVEPOINT", description = "Start from this savepoint or checkpoint folder.")
    private @Nullable String from;

    @Option(names = "--parallelism", paramLabel = "N", description = "Overrides pipeline.parallelism.")
    private @Nullable Integer parallelism;

    @Option(
            names = "--web-port",
            paramLabel = "N",
            defaultValue = "8081",
            description =
                    "Port of Flink's web UI on 127.0.0.1; where it is taken, the next free one; 0 takes any. Default: ${DEFAULT-VALUE}.")
    private int webPort;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        CommandLine command = Objects.requireNonNull(spec).commandLine();
        if (parallelism != null && parallelism < 1) {
            throw new CommandLine.ParameterException(command, "--parallelism must be at least 1, not " + parallelism);
        }
        if (webPort < 0 || webPort > 65_535) {
            throw new CommandLine.ParameterException(command, "--web-port must be from 0 to 65535, not " + webPort);
        }
        PipelineConfig config = file.load();
        if (bounded) {
            config = config.withBounded(true);
        }
        if (parallelism != null) {
            config = config.withParallelism(parallelism);
        }
        if (state == null) {
            return new LocalRun(config, null, Optional.ofNullable(from), webPort, command.getOut(), command.getErr())
                    .execute();
        }
        try (StateDirectory directory = StateDirectory.open(state, config.name())) {
            Optional<String> restored = from != null
                    ? Optional.of(from)
                    : StateDirectory.newestRestorable(directory.root())
                            .map(path -> path.toUri().toString());
            return new LocalRun(config, directory, restored, webPort, command.getOut(), command.getErr()).execute();
        }
    }
}
