package io.cdcsystem.job.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cdcsystem.dedup.DedupOperator;
import io.cdcsystem.job.Pipeline;
import io.cdcsystem.job.config.PipelineConfig;
import io.cdcsystem.job.rest.JobFinder;
import io.cdcsystem.job.rest.JobReader;
import io.cdcsystem.job.rest.JobStatus;
import io.cdcsystem.job.rest.TableNames;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.source.postgres.slot.CaptureReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cdc status}: how a running pipeline does. Asks Flink's REST API and the database; changes nothing. */
@Command(
        name = "status",
        description = "Tell how a running pipeline does: snapshot progress, log, checkpoints, replication slot.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:it runs and is fine",
            "1:it does not run, or is failing: the output says why and what to do",
            "2:wrong usage, or the pipeline file is wrong"
        })
final class StatusCommand implements Callable<Integer> {
    private static final Duration EVERY = Duration.ofSeconds(2);
    /** Where {@code cdc run} and a cluster on this machine listen unless told otherwise. */
    private static final int FIRST_PORT = 8081;

    private static final int PORTS = 10;

    @Mixin
    private PipelineFileOption file = new PipelineFileOption();

    @Option(
            names = "--target",
            paramLabel = "HOST:PORT",
            description = "The Flink cluster's REST API, also as a URL. Default: 127.0.0.1, ports 8081 to 8090.")
    private @Nullable String target;

    @Option(names = "--state", paramLabel = "DIR", description = "The state folder of the cdc run that is meant.")
    private @Nullable Path state;

    @Option(names = "--json", description = "Print one JSON document; with --watch, one a line.")
    private boolean json;

    @Option(names = "--watch", description = "Tell again every 2 s, until the job ends or this is interrupted.")
    private boolean watch;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        CommandLine command = Objects.requireNonNull(spec).commandLine();
        if (target != null && state != null) {
            throw new CommandLine.ParameterException(command, "give either --target or --state, not both");
        }
        URI cluster = target == null ? null : address(command, target);
        PipelineConfig config;
        try {
            config = file.load();
        } catch (CdcException e) {
            command.getErr().println("cdc: " + e.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        JobReader reader = null;
        while (true) {
            List<URI> clusters = cluster != null ? List.of(cluster) : localClusters();
            JobFinder.Found found = new JobFinder(clusters).find(config.name());
            JobFinder.Job job = found.job().orElse(null);
            // The same one again, where it is the same job: it knows that the cluster's metrics are fresh.
            reader = job == null ? null : reader != null && reader.reads(job) ? reader : reader(job);
            PipelineStatus status = status(config, reader, () -> absence(config, clusters, found));
            print(command.getOut(), status);
            JobStatus told = status.job();
            if (!watch || told == null || told.hasEnded()) {
                return status.isFine() ? 0 : 1;
            }
            Thread.sleep(EVERY.toMillis());
        }
    }

    private static URI address(CommandLine command, String target) {
        try {
            URI address = URI.create(target.contains("://") ? target : "http://" + target);
            if (address.getHost() != null && (target.contains("://") || address.getPort() > 0)) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(command, wrongTarget(target), e);
        }
        throw new CommandLine.ParameterException(command, wrongTarget(target));
    }

    private static String wrongTarget(String target) {
        return "--target must be HOST:PORT or a URL, not " + target;
    }

    private List<URI> localClusters() {
        if (state != null) {
            return StateDirectory.restAddress(state).map(List::of).orElse(List.of());
        }
        return IntStream.range(FIRST_PORT, FIRST_PORT + PORTS)
                .mapToObj(port -> URI.create("http://127.0.0.1:" + port))
                .toList();
    }

    private static JobReader reader(JobFinder.Job job) {
        return new JobReader(job, Pipeline.SOURCE_UID, DedupOperator.UID);
    }

    private static PipelineStatus status(
            PipelineConfig config, @Nullable JobReader reader, Supplier<PipelineStatus.Problem> absence)
            throws InterruptedException {
        CaptureReport capture = null;
        String databaseError = null;
        try {
            capture = CaptureReport.read(config.source());
        } catch (CdcException e) {
            databaseError = String.valueOf(e.getMessage());
        }
        JobStatus job = null;
        PipelineStatus.Problem problem = null;
        if (reader == null) {
            problem = absence.get();
        } else {
            try {
                job = reader.read().withTableNames(new TableNames(capture == null ? List.of() : capture.tables()));
            } catch (IOException e) {
                problem = new PipelineStatus.Problem(
                        "the cluster found the job, but does not tell of it (" + e.getMessage() + ")",
                        "ask again; if it stays so, look at the cluster's log");
            }
        }
        return new PipelineStatus(config.name(), config.source().slotName(), job, problem, capture, databaseError);
    }

    private PipelineStatus.Problem absence(PipelineConfig config, List<URI> clusters, JobFinder.Found found) {
        if (state != null && clusters.isEmpty()) {
            return new PipelineStatus.Problem(
                    "no cdc run is using the state folder " + state,
                    "start it: ./cdc run -c " + file + " --state " + state);
        }
        String where = clusters.size() == 1
                ? clusters.get(0).toString()
                : clusters.get(0) + " to :" + clusters.get(clusters.size() - 1).getPort();
        if (found.answered() == 0) {
            return new PipelineStatus.Problem(
                    "no Flink cluster answers at " + where,
                    state != null
                            ? "its cdc run has ended; start it again: ./cdc run -c " + file + " --state " + state
                            : "start the pipeline (./cdc run -c " + file + "), or say where it runs with --target or"
                                    + " --state");
        }
        return new PipelineStatus.Problem(
                "no job named " + config.name() + " at " + where,
                "start the pipeline, or say where it runs with --target or --state");
    }

    private void print(PrintWriter out, PipelineStatus status) {
        if (json) {
            ObjectNode document = StatusJson.of(status);
            out.println(watch ? document.toString() : document.toPrettyString());
        } else {
            out.print(StatusText.of(status) + (watch ? "\n" : ""));
        }
        out.flush();
    }
}
