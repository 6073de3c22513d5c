package io.cdcsystem.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.error.Finding;
import io.cdcsystem.schema.error.Finding.Severity;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CdcTest {
    private static final Finding GOOD = new Finding(Severity.OK, "kafka", "brokers", "answers", null);
    private static final Finding WEAK = new Finding(
            Severity.WARNING, "postgres", "public.t", "no primary key", "ALTER TABLE t ADD PRIMARY KEY (id)");
    private static final Finding BAD =
            new Finding(Severity.ERROR, "postgres", "wal_level", "is replica", "ALTER SYSTEM SET wal_level = logical");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    @Test
    void help_and_version_exit_with_0_and_write_to_stdout() {
        assertThat(execute("--help")).isZero();
        assertThat(execute("run", "--help")).isZero();
        assertThat(execute("check", "--help")).isZero();
        assertThat(execute("--version")).isZero();
        assertThat(out.toString())
                .contains("run")
                .contains("--state")
                .contains("Exit codes:")
                .contains("cdc ");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void a_wrong_option_is_one_line_with_help() {
        assertThat(execute("run", "-c", "x.yaml", "--stat", "y")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString())
                .startsWith("cdc: Unknown option")
                .contains("--state")
                .doesNotContain("\tat ");
        assertThat(execute("run", "-c", "x.yaml", "--parallelism", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(execute("run")).isEqualTo(CommandLine.ExitCode.USAGE);
    }

    @Test
    void a_missing_file_is_one_line_and_no_stack_trace_unless_asked_for() {
        assertThat(execute("run", "-c", "none.yaml")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(err.toString())
                .contains("cdc: CONFIG_INVALID: none.yaml does not exist")
                .doesNotContain("\tat ");
        assertThat(execute("run", "-c", "none.yaml", "--debug")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(err.toString()).contains("\tat ");
    }

    @Test
    void check_of_a_wrong_file_exits_with_2_and_lists_its_problems() throws IOException {
        Path file = Files.writeString(folder.resolve("p.yaml"), "nam: shop\n");

        assertThat(execute("check", "-c", file.toString())).isEqualTo(2);
        assertThat(out.toString())
                .contains("error")
                .contains("did you mean name?")
                .contains("the pipeline cannot run");

        assertThat(execute("check", "--json", "-c", file.toString())).isEqualTo(2);
        assertThat(out.toString()).contains("\"exitCode\" : 2");
    }

    @Test
    void the_gravest_finding_decides_the_exit_code() {
        assertThat(CheckCommand.exitCode(List.of(GOOD))).isZero();
        assertThat(CheckCommand.exitCode(List.of(GOOD, WEAK))).isEqualTo(1);
        assertThat(CheckCommand.exitCode(List.of(BAD, WEAK, GOOD))).isEqualTo(2);
    }

    @Test
    void findings_are_printed_with_their_remedy() {
        assertThat(CheckCommand.text(List.of(GOOD, WEAK, BAD)))
                .contains("error   postgres wal_level: is replica\n        -> ALTER SYSTEM SET wal_level = logical\n")
                .endsWith("the pipeline cannot run: errors 1, warnings 1\n");
        assertThat(CheckCommand.json(List.of(WEAK)))
                .contains("\"remedy\" : \"ALTER TABLE t ADD PRIMARY KEY (id)\"")
                .contains("\"verdict\" : \"the pipeline can run: warnings 1\"");
    }

    @Test
    void status_of_what_is_wrong_itself_exits_with_2_and_of_what_does_not_run_with_1() throws IOException {
        assertThat(execute("status", "-c", "none.yaml")).isEqualTo(2);
        assertThat(err.toString()).contains("none.yaml does not exist").doesNotContain("\tat ");
        assertThat(execute("status", "-c", "none.yaml", "--target", "here")).isEqualTo(2);
        assertThat(err.toString()).contains("--target must be HOST:PORT or a URL, not here");
        assertThat(execute("status", "-c", "none.yaml", "--target", "a:1", "--state", "s"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("not both");

        Path file = Files.writeString(folder.resolve("p.yaml"), """
                name: nobody
                source: {type: postgres, hostname: 127.0.0.1, port: 1, username: u, password: p, database: d, tables: ['public\\.t']}
                format: {type: debezium-json}
                sink: {type: kafka, bootstrap.servers: '127.0.0.1:1', topic.prefix: t}
                """);
        assertThat(execute("status", "-c", file.toString(), "--target", "127.0.0.1:1"))
                .as(err::toString)
                .isEqualTo(1);
        assertThat(out.toString())
                .contains("no Flink cluster answers at http://127.0.0.1:1", "-> start the pipeline")
                .contains("slot       cdc_nobody: unknown, DATABASE_UNREACHABLE");
        assertThat(execute("status", "-c", file.toString(), "--state", folder.toString(), "--json"))
                .isEqualTo(1);
        assertThat(out.toString()).contains("\"fine\" : false", "no cdc run is using the state folder");
    }

    private int execute(String... arguments) {
        return Cdc.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
