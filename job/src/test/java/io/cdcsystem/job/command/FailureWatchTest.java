package io.cdcsystem.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.cdcsystem.schema.error.ErrorCode;
import org.junit.jupiter.api.Test;

class FailureWatchTest {

    @Test
    void the_coded_error_below_flinks_wrapping_is_found() {
        FailureWatch.Failure failure = FailureWatch.read("""
                org.apache.flink.util.FlinkException: Global failure triggered by OperatorCoordinator for 'cdc-source'
                \tat org.apache.flink.Some.method(Some.java:1)
                Caused by: io.cdcsystem.schema.error.CdcException: SLOT_UNUSABLE: slot cdc_shop is taken; stop its reader
                \tat io.cdcsystem.X.y(X.java:2)
                """);

        assertThat(failure.code()).isEqualTo(ErrorCode.SLOT_UNUSABLE);
        assertThat(failure.line()).isEqualTo("SLOT_UNUSABLE: slot cdc_shop is taken; stop its reader");
        assertThat(failure.isTransient()).isFalse();
    }

    @Test
    void a_failure_that_may_pass_is_transient() {
        assertThat(FailureWatch.read("a.B: STREAM_FAILED: connection reset").isTransient())
                .isTrue();
    }

    @Test
    void without_a_code_the_innermost_cause_speaks_and_may_pass() {
        FailureWatch.Failure failure = FailureWatch.read("""
                a.Outer: NOT_OURS: outer
                \tat a.b(C.java:1)
                Caused by: a.Inner: the reason
                \tat a.b(C.java:1)
                """);

        assertThat(failure.line()).isEqualTo("a.Inner: the reason");
        assertThat(failure.isTransient()).isTrue();
    }
}
