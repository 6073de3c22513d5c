package io.cdcsystem.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class WorkspaceTest {

    @Test
    void missing_binaries_are_named_with_what_to_do() {
        assertThatThrownBy(() -> Workspace.binaries("postgres/9"))
                .isInstanceOf(ServerFailedException.class)
                .hasMessageContaining("postgres/9")
                .hasMessageContaining("mvn -pl testbed -am generate-resources");
    }

    @Test
    void a_directory_is_deleted_with_all_below_but_not_what_its_links_lead_to() throws IOException {
        Path kept = Files.createFile(Workspace.create("kept").resolve("file"));
        Path directory = Workspace.create("deleted");
        Files.createSymbolicLink(
                Files.createDirectory(directory.resolve("below")).resolve("link"), kept);

        Workspace.delete(directory);

        assertThat(directory).doesNotExist();
        assertThat(kept).exists();
    }
}
