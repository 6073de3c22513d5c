package io.cdcsystem.job.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
    private static final byte[] COMPLETE = {0x49, 0x60, 0x67, 0x2d, 0, 0, 0, 6};
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    @TempDir
    private Path folder;

    @Test
    @Tag("O5")
    void the_newest_of_checkpoints_and_savepoints_is_found() throws IOException {
        metadata("checkpoints/job1/chk-7", COMPLETE, 0);
        metadata("checkpoints/job2/chk-9", COMPLETE, 10);
        Path newest = metadata("savepoints/savepoint-abc", COMPLETE, 20);

        assertThat(StateDirectory.newestRestorable(folder)).contains(newest);
    }

    @Test
    @Tag("O5")
    void what_a_kill_left_incomplete_is_passed_over() throws IOException {
        Path complete = metadata("checkpoints/job1/chk-7", COMPLETE, 0);
        metadata("checkpoints/job1/chk-8", new byte[0], 10);
        metadata("checkpoints/job1/chk-9", new byte[] {1, 2, 3, 4}, 20);
        Files.createDirectories(folder.resolve("checkpoints/job1/chk-10"));
        Files.write(folder.resolve("checkpoints/job1/chk-10/part"), COMPLETE);
        Files.createDirectories(folder.resolve("checkpoints/job1/shared"));

        assertThat(StateDirectory.newestRestorable(folder)).contains(complete);
    }

    @Test
    void of_two_written_at_the_same_time_the_higher_checkpoint_wins() throws IOException {
        metadata("checkpoints/job1/chk-9", COMPLETE, 0);
        Path higher = metadata("checkpoints/job1/chk-10", COMPLETE, 0);

        assertThat(StateDirectory.newestRestorable(folder)).contains(higher);
    }

    @Test
    void a_new_folder_has_nothing_to_restore() {
        Path fresh = folder.resolve("fresh");
        assertThat(StateDirectory.newestRestorable(fresh)).isEmpty();
        try (StateDirectory opened = StateDirectory.open(fresh, "shop")) {
            assertThat(opened.checkpoints()).isDirectory();
            assertThat(opened.savepoints()).isDirectory();
            assertThat(StateDirectory.newestRestorable(fresh)).isEmpty();
        }
    }

    @Test
    void a_folder_in_use_is_refused_until_it_is_free() {
        try (StateDirectory held = StateDirectory.open(folder, "shop")) {
            assertThat(held.root()).isDirectory();
            assertThatThrownBy(() -> StateDirectory.open(folder, "shop"))
                    .hasMessageContaining("in use by another cdc process");
        }
        StateDirectory.open(folder, "shop").close();
    }

    @Test
    void a_folder_of_another_pipeline_is_refused_and_stays_free() {
        StateDirectory.open(folder, "shop").close();

        assertThatThrownBy(() -> StateDirectory.open(folder, "other"))
                .hasMessageContaining("belongs to pipeline 'shop', not 'other'");
        StateDirectory.open(folder, "shop").close();
    }

    private Path metadata(String path, byte[] content, long secondsAfterNoon) throws IOException {
        Path checkpoint = Files.createDirectories(folder.resolve(path));
        Path file = Files.write(checkpoint.resolve("_metadata"), content);
        Files.setLastModifiedTime(file, FileTime.from(NOON.plusSeconds(secondsAfterNoon)));
        return checkpoint;
    }

    @Test
    void the_rest_address_is_there_while_the_folder_is_held() throws IOException {
        URI address = URI.create("http://127.0.0.1:8083");
        try (StateDirectory held = StateDirectory.open(folder, "shop")) {
            assertThat(StateDirectory.restAddress(folder)).isEmpty();
            held.announce(URI.create("http://127.0.0.1:1"));
            held.announce(address);
            assertThat(StateDirectory.restAddress(folder)).contains(address);
        }
        assertThat(StateDirectory.restAddress(folder)).isEmpty();
        Files.writeString(folder.resolve("rest-address"), "no address at all");
        assertThat(StateDirectory.restAddress(folder)).isEmpty();
    }
}
