package io.cdcsystem.job.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every pipeline file that the documentation shows is one that the loader takes. */
class DocumentedPipelinesTest {
    private static final Pattern YAML =
            Pattern.compile("^( *)```yaml\\n(.*?)^ *```", Pattern.MULTILINE | Pattern.DOTALL);

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/configuration.md", "docs/snapshot.md"})
    void its_pipeline_files_load(String document) throws IOException {
        Path path = Path.of("..", document);
        Matcher block = YAML.matcher(Files.readString(path));
        int found = 0;
        while (block.find()) {
            String text = block.group(2).replaceAll("(?m)^" + block.group(1), "");
            PipelineConfig config =
                    new ConfigLoader(name -> "from the environment").parse(text, document, path.toAbsolutePath());
            assertThat(config.name()).isNotEmpty();
            found++;
        }
        assertThat(found).as("pipeline files in " + document).isPositive();
    }
}
