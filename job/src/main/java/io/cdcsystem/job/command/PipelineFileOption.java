package io.cdcsystem.job.command;

import io.cdcsystem.job.config.ConfigLoader;
import io.cdcsystem.job.config.PipelineConfig;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code -c FILE}, the same in every command that is about a pipeline. */
final class PipelineFileOption {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            required = true,
            description = "The pipeline file.")
    private Path path = Path.of("");

    /** The file's pipeline; an error names all of its problems. */
    PipelineConfig load() {
        return new ConfigLoader().load(path);
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
