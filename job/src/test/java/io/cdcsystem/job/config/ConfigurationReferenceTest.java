package io.cdcsystem.job.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ConfigurationReferenceTest {
    /** A table row; a pipe inside a cell is written {@code \|}. */
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| (.*?) \\| (.*?) ?\\| (.+) \\|");

    @Test
    void the_reference_lists_every_key_with_its_type_and_default_in_order() throws IOException {
        List<ConfigKey> documented = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("../docs/configuration.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                documented.add(new ConfigKey(row.group(1), row.group(2).replace("\\|", "|"), row.group(3)));
            }
        }

        assertThat(documented).containsExactlyInAnyOrderElementsOf(ConfigLoader.keys());
    }
}
