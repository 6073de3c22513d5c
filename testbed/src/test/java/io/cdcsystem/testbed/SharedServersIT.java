package io.cdcsystem.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class SharedServersIT {

    @Test
    void there_is_one_server_of_each_kind() throws SQLException {
        assertThat(SharedServers.postgres()).isSameAs(SharedServers.postgres());
        assertThat(SharedServers.kafka()).isSameAs(SharedServers.kafka());
        assertThat(SharedServers.registry()).isSameAs(SharedServers.registry());
        try (Connection connection = SharedServers.postgres().connect()) {
            assertThat(connection.isValid(5)).isTrue();
        }
        assertThat(SharedServers.postgres().createDatabase())
                .isNotEqualTo(SharedServers.postgres().createDatabase());
    }
}
