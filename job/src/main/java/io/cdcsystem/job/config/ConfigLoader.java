package io.cdcsystem.job.config;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads a pipeline file; one {@link CdcException} ({@code CONFIG_INVALID}) names everything that is wrong with it. */
public final class ConfigLoader {
    private final UnaryOperator<@Nullable String> environment;

    /** Looks {@code ${env:NAME}} up in this process's environment. */
    public ConfigLoader() {
        this(System::getenv);
    }

    /** Looks {@code ${env:NAME}} up in {@code environment}. */
    public ConfigLoader(UnaryOperator<@Nullable String> environment) {
        this.environment = environment;
    }

    /** Reads a file; {@code ${file:path}} in it starts at the file's folder. */
    public PipelineConfig load(Path file) {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID, file + " does not exist; name the pipeline file with -c FILE", e);
        } catch (IOException e) {
            throw new CdcException(
                    ErrorCode.CONFIG_INVALID, file + " cannot be read as UTF-8 text (" + e.getMessage() + ")", e);
        }
        Path folder = file.toAbsolutePath().getParent();
        return parse(text, file.toString(), folder == null ? Path.of("") : folder);
    }

    /**
     * Reads text.
     *
     * @param text the YAML document
     * @param origin what to call it in errors
     * @param directory where {@code ${file:path}} starts
     */
    public PipelineConfig parse(String text, String origin, Path directory) {
        ConfigProblems problems = new ConfigProblems();
        YamlNode.Mapping root = new YamlReader(problems).read(text);
        if (root == null) {
            problems.throwIfAny(origin);
        }
        Section top = new Section("", root, problems, new Secrets(environment, directory), new ArrayList<>());
        PipelineConfig config = new PipelineReader(top).read();
        top.finish();
        problems.throwIfAny(origin);
        return config;
    }

    /** Every key a file may hold, in order: what is read, so the list cannot fall behind. */
    static List<ConfigKey> keys() {
        List<ConfigKey> keys = new ArrayList<>();
        Section top = new Section("", null, new ConfigProblems(), new Secrets(name -> null, Path.of("")), keys);
        new PipelineReader(top).read();
        return List.copyOf(keys);
    }
}
