package io.cdcsystem.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ContainerBackendTest {

    private String before;

    @BeforeEach
    void remember() {
        before = System.getProperty("testbed", "processes");
    }

    @AfterEach
    void restore() {
        System.setProperty("testbed", before);
    }

    @Test
    void processes_are_the_default() {
        System.clearProperty("testbed");
        assertThat(ContainerBackend.isChosen()).isFalse();
    }

    @Test
    void containers_are_chosen_explicitly() {
        System.setProperty("testbed", "containers");
        assertThat(ContainerBackend.isChosen()).isTrue();
    }

    @Test
    void an_unknown_choice_is_refused() {
        System.setProperty("testbed", "docker");
        assertThatThrownBy(ContainerBackend::isChosen)
                .isInstanceOf(ServerFailedException.class)
                .hasMessageContaining("'docker'");
    }
}
