package io.cdcsystem.job;

import io.cdcsystem.job.config.ConfigLoader;
import io.cdcsystem.job.config.PipelineConfig;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * What {@code flink run} and the REST API start: {@code --config FILE}, or {@code --config-inline BASE64} for a file that the
 * cluster does not have.
 *
 * <p>An inline file keeps its {@code ${env:…}} references: they are resolved where this runs, so no secret is an argument.
 */
public final class CdcJob {
    private static final String USAGE = "usage: --config FILE | --config-inline BASE64 (the file's bytes in base64)";

    private CdcJob() {}

    /** Defines the pipeline and submits it. */
    public static void main(String[] args) throws Exception {
        PipelineConfig config = load(args);
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
        configure(environment, config, environment.getConfiguration());
        Pipeline.define(environment, config);
        environment.executeAsync(config.name());
    }

    /** Checkpoints as the pipeline file says. What it does not speak of is left to the cluster's configuration. */
    public static void configure(
            StreamExecutionEnvironment environment, PipelineConfig config, ReadableConfig present) {
        Configuration options = new Configuration();
        if (present.getOptional(CheckpointingOptions.CHECKPOINTING_INTERVAL).isEmpty()) {
            options.set(
                    CheckpointingOptions.CHECKPOINTING_INTERVAL,
                    config.execution().checkpointInterval());
        }
        environment.configure(options);
    }

    static PipelineConfig load(String[] args) {
        if (args.length == 2) {
            switch (args[0]) {
                case "--config", "-c" -> {
                    return new ConfigLoader().load(Path.of(args[1]));
                }
                case "--config-inline" -> {
                    return new ConfigLoader().parse(decode(args[1]), "inline pipeline file", Path.of(""));
                }
                default -> throw wrongUsage("unknown option " + args[0]);
            }
        }
        throw wrongUsage(args.length + " arguments");
    }

    private static String decode(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new CdcException(ErrorCode.CONFIG_INVALID, "--config-inline is not base64; " + USAGE, e);
        }
    }

    private static CdcException wrongUsage(String what) {
        return new CdcException(ErrorCode.CONFIG_INVALID, what + "; " + USAGE);
    }
}
