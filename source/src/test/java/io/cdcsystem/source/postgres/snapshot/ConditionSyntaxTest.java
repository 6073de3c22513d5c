package io.cdcsystem.source.postgres.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionSyntaxTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id > 5",
                "name = 'it''s; -- (' AND (a OR (b))",
                "\"odd)name\" IS NULL",
                "v = E'\\'(' OR v = e'\\\\'",
                "v = $$)('$$ OR v = $x$ ; $x$",
                "a - -1 > 0 AND b / 2 > 1 AND price$ > 1",
                "v LIKE 'a\\'"
            })
    void condition_that_stays_within_its_parentheses_is_taken(String condition) {
        assertThat(ConditionSyntax.flaw(condition)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " ",
                "true) OR (true",
                "(a > 1",
                "a > 1; DROP TABLE t",
                "true -- all",
                "true /* all",
                "v = 'open",
                "v = 'a\\'(",
                "v = $x$ open",
                "\"open",
                "v = E'\\'"
            })
    void condition_that_breaks_out_is_refused(String condition) {
        assertThat(ConditionSyntax.flaw(condition)).isNotNull();
    }
}
