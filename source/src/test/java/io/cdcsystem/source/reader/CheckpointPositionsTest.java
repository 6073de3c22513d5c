package io.cdcsystem.source.reader;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.source.ConfirmAt;
import io.cdcsystem.source.Samples;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("L7")
class CheckpointPositionsTest {
    private final CheckpointPositions positions = new CheckpointPositions(ConfirmAt.COMPLETION);

    @Test
    void a_completed_checkpoint_s_own_position_is_confirmed_once() {
        positions.taken(1, Samples.token(10));
        positions.taken(2, Samples.token(20));
        assertThat(positions.completed(1)).contains(Samples.token(10));
        assertThat(positions.completed(1)).isEmpty();
        assertThat(positions.completed(2)).contains(Samples.token(20));
    }

    @Test
    void an_aborted_checkpoint_s_position_is_never_confirmed() {
        positions.taken(1, Samples.token(10));
        positions.taken(3, Samples.token(30));
        assertThat(positions.completed(2)).isEmpty();
        assertThat(positions.completed(3)).contains(Samples.token(30));
    }

    @Test
    void what_is_confirmed_never_moves_backward() {
        positions.taken(1, Samples.token(10));
        positions.taken(2, Samples.token(20));
        assertThat(positions.completed(2)).contains(Samples.token(20));
        assertThat(positions.completed(1)).isEmpty();
    }

    @Test
    void with_a_transactional_sink_a_position_is_confirmed_when_the_next_checkpoint_completes() {
        CheckpointPositions behind = new CheckpointPositions(ConfirmAt.NEXT_COMPLETION);
        behind.taken(1, Samples.token(10));
        behind.taken(2, Samples.token(20));
        behind.taken(3, Samples.token(30));
        assertThat(behind.completed(1)).isEmpty();
        assertThat(behind.completed(2)).contains(Samples.token(10));
        assertThat(behind.completed(3)).contains(Samples.token(20));
    }
}
