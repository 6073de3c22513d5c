package io.cdcsystem.job.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Replaces {@code ${env:NAME}} and {@code ${file:path}} in values; relative paths start at the pipeline file. */
final class Secrets {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]*)}");

    private final UnaryOperator<@Nullable String> environment;
    private final Path directory;

    Secrets(UnaryOperator<@Nullable String> environment, Path directory) {
        this.environment = environment;
        this.directory = directory;
    }

    /** The value with its references replaced; what cannot be replaced is reported and stays as it was. */
    String resolve(String text, String path, int line, ConfigProblems problems) {
        if (text.indexOf("${") < 0) {
            return text;
        }
        Matcher matcher = REFERENCE.matcher(text);
        StringBuilder resolved = new StringBuilder();
        while (matcher.find()) {
            String replacement = lookUp(matcher.group(1), path, line, problems);
            matcher.appendReplacement(
                    resolved, Matcher.quoteReplacement(replacement == null ? matcher.group() : replacement));
        }
        return matcher.appendTail(resolved).toString();
    }

    private @Nullable String lookUp(String reference, String path, int line, ConfigProblems problems) {
        if (reference.startsWith("env:")) {
            String name = reference.substring("env:".length());
            String value = environment.apply(name);
            if (value == null) {
                problems.add(path, line, "environment variable " + name + " is not set; export it before the start");
            }
            return value;
        }
        if (reference.startsWith("file:")) {
            Path file = directory.resolve(reference.substring("file:".length()));
            try {
                return Files.readString(file).stripTrailing();
            } catch (IOException e) {
                problems.add(
                        path,
                        line,
                        "file " + file + " cannot be read (" + e.getClass().getSimpleName() + ")");
                return null;
            }
        }
        problems.add(path, line, "${" + reference + "} is no reference; write ${env:NAME} or ${file:path}");
        return null;
    }
}
