package io.cdcsystem.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CdcJobTest {
    private static final String FILE = """
            name: shop
            source: { type: postgres, hostname: h, database: d, username: u, password: p, tables: public.orders }
            sink: { bootstrap.servers: 'localhost:9092' }
            """;

    @Test
    void a_file_arrives_by_path_or_inline(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("shop.yaml"), FILE);
        String inline = Base64.getEncoder().encodeToString(FILE.getBytes(StandardCharsets.UTF_8));

        assertThat(CdcJob.load(new String[] {"--config", file.toString()}))
                .isEqualTo(CdcJob.load(new String[] {"--config-inline", inline}));
    }

    @Test
    void wrong_arguments_are_answered_with_the_usage() {
        assertThatThrownBy(() -> CdcJob.load(new String[] {})).hasMessageContaining("usage: --config FILE");
        assertThatThrownBy(() -> CdcJob.load(new String[] {"--conf", "x"}))
                .hasMessageContaining("unknown option --conf");
        assertThatThrownBy(() -> CdcJob.load(new String[] {"--config-inline", "?"}))
                .hasMessageContaining("is not base64");
    }
}
