package io.cdcsystem.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command lines of servers that are Java programs. */
final class ChildJvm {

    /** Warnings to standard output, which is the server's log; for class paths with Log4j, without effect elsewhere. */
    private static final String LOG4J = """
            rootLogger.level = %s
            rootLogger.appenderRef.out.ref = out
            appender.out.type = Console
            appender.out.name = out
            appender.out.layout.type = PatternLayout
            appender.out.layout.pattern = %%d %%p %%c{1} %%m%%n%%ex{10}
            """;

    private ChildJvm() {}

    /** {@code java} with the given JVM options; the caller adds class path, main class and arguments. */
    static List<String> command(Path directory, String logLevel, List<String> options) {
        Path log4j = directory.resolve("log4j2.properties");
        try {
            Files.writeString(log4j, LOG4J.formatted(logLevel));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Dlog4j2.configurationFile=" + log4j);
        command.addAll(options);
        return command;
    }
}
