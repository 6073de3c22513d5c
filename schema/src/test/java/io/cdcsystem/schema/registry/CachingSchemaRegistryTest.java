package io.cdcsystem.schema.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("E8")
class CachingSchemaRegistryTest {
    private final CountingRegistry origin = new CountingRegistry();
    private long now;
    private final CachingSchemaRegistry registry = new CachingSchemaRegistry(origin, Duration.ofSeconds(60), () -> now);

    @Test
    void a_fresh_answer_is_not_asked_for_again() {
        assertThat(registry.register("s", "\"int\"")).isEqualTo(1);
        assertThat(registry.register("s", "\"int\"")).isEqualTo(1);
        assertThat(registry.schemaById(1)).isEqualTo("\"int\"");
        assertThat(origin.calls).isEqualTo(1);
    }

    @Test
    void subjects_and_schemas_are_told_apart() {
        registry.register("s", "\"int\"");
        registry.register("t", "\"int\"");
        registry.register("s", "\"long\"");
        assertThat(origin.calls).isEqualTo(3);
    }

    @Test
    void a_stale_answer_is_asked_for_again_and_serves_on_while_the_registry_is_down() {
        registry.register("s", "\"int\"");
        now += Duration.ofSeconds(61).toNanos();
        registry.register("s", "\"int\"");
        assertThat(origin.calls).isEqualTo(2);

        now += Duration.ofSeconds(61).toNanos();
        origin.failure = ErrorCode.REGISTRY_UNREACHABLE;
        assertThat(registry.register("s", "\"int\"")).isEqualTo(1);
        assertThat(registry.register("s", "\"int\"")).isEqualTo(1);
        assertThat(origin.calls).isEqualTo(3);
    }

    @Test
    void a_rejection_is_never_covered_by_an_old_answer() {
        registry.register("s", "\"int\"");
        now += Duration.ofSeconds(61).toNanos();
        origin.failure = ErrorCode.SCHEMA_REJECTED;

        assertThatThrownBy(() -> registry.register("s", "\"int\"")).isInstanceOf(CdcException.class);
    }

    @Test
    void what_was_never_answered_fails_while_the_registry_is_down() {
        origin.failure = ErrorCode.REGISTRY_UNREACHABLE;

        assertThatThrownBy(() -> registry.register("s", "\"int\"")).isInstanceOf(CdcException.class);
        assertThatThrownBy(() -> registry.schemaById(7)).isInstanceOf(CdcException.class);
    }

    @Test
    @Tag("E6")
    void the_newest_version_is_looked_up_again_when_it_is_stale_or_a_new_id_is_met() {
        assertThat(registry.newest("s").version()).isEqualTo(1);
        assertThat(registry.newest("s").version()).isEqualTo(1);
        now += Duration.ofSeconds(61).toNanos();
        assertThat(registry.newest("s").version()).isEqualTo(2);

        registry.schemaById(7);
        assertThat(registry.newest("s").version()).isEqualTo(4);
        registry.schemaById(7);
        assertThat(registry.newest("s").version()).isEqualTo(4);
    }

    @Test
    @Tag("E6")
    void the_newest_version_and_a_numbered_one_are_known_on_while_the_registry_is_down() {
        RegisteredSchema newest = registry.newest("s");
        RegisteredSchema numbered = registry.version("s", 9);
        now += Duration.ofSeconds(61).toNanos();
        origin.failure = ErrorCode.REGISTRY_UNREACHABLE;

        assertThat(registry.newest("s")).isEqualTo(newest);
        assertThat(registry.newest("s")).isEqualTo(newest);
        assertThat(registry.version("s", 9)).isEqualTo(numbered);
        assertThat(origin.calls).isEqualTo(3);
        assertThatThrownBy(() -> registry.newest("t")).isInstanceOf(CdcException.class);
        now += Duration.ofSeconds(61).toNanos();
        origin.failure = ErrorCode.SCHEMA_REJECTED;
        assertThatThrownBy(() -> registry.newest("s")).isInstanceOf(CdcException.class);
    }

    @Test
    void a_registry_that_lost_its_schemas_and_gives_the_same_id_again_is_as_it_was() {
        registry.register("s", "\"int\"");
        now += Duration.ofSeconds(61).toNanos();

        assertThat(registry.register("s", "\"int\"")).isEqualTo(1);
        assertThat(origin.calls).isEqualTo(2);
    }

    @Test
    void another_id_for_a_known_schema_is_refused_until_the_registry_has_the_old_one_back() {
        registry.register("s", "\"int\"");
        now += Duration.ofSeconds(61).toNanos();
        origin.offset = 6;

        assertLost(() -> registry.register("s", "\"int\""), "id 7", "id 1");
        assertLost(() -> registry.register("s", "\"int\""), "id 7", "id 1");
        assertThat(registry.schemaById(1)).as("the old records' schema").isEqualTo("\"int\"");

        origin.offset = 0;
        assertThat(registry.register("s", "\"int\"")).isEqualTo(1);
    }

    @Test
    void a_known_id_for_another_schema_is_refused() {
        registry.register("s", "\"int\"");
        origin.offset = -1;

        assertLost(() -> registry.register("t", "\"long\""), "id 1", "subject t");
        assertThat(registry.schemaById(1)).isEqualTo("\"int\"");
    }

    @Test
    void the_same_schema_in_other_words_is_the_same() {
        assertThat(registry.register("s", "\"int\"")).isEqualTo(1);
        origin.offset = -11;
        assertThat(registry.register("t", "{ \"type\":\"int\" }")).isEqualTo(1);
    }

    @Test
    void an_id_from_a_checkpoint_serves_while_the_registry_is_down_and_is_held_against_its_next_answer() {
        registry.remember("s", "\"int\"", 5);
        origin.failure = ErrorCode.REGISTRY_UNREACHABLE;

        assertThat(registry.register("s", "\"int\"")).isEqualTo(5);
        assertThat(registry.schemaById(5)).isEqualTo("\"int\"");

        origin.failure = null;
        now += Duration.ofSeconds(61).toNanos();
        assertLost(() -> registry.register("s", "\"int\""), "id 1", "id 5");
        origin.offset = 4;
        assertThat(registry.register("s", "\"int\"")).isEqualTo(5);
    }

    private static void assertLost(Runnable call, String... parts) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        CdcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_REJECTED))
                .hasMessageContainingAll(parts)
                .hasMessageContaining("lost its schemas");
    }

    private static final class CountingRegistry implements SchemaRegistry {
        private int calls;
        private int offset;
        private @Nullable ErrorCode failure;

        @Override
        public int register(String subject, String avroSchemaJson) {
            calls++;
            if (failure != null) {
                throw new CdcException(failure, "as told");
            }
            return avroSchemaJson.length() - 4 + offset;
        }

        @Override
        public String schemaById(int id) {
            return Integer.toString(register("", "x".repeat(id + 4)));
        }

        @Override
        public RegisteredSchema newest(String subject) {
            register(subject, "\"int\"");
            return new RegisteredSchema(calls, calls, "\"int\"");
        }

        @Override
        public RegisteredSchema version(String subject, int version) {
            register(subject, "\"int\"");
            return new RegisteredSchema(version, version, "\"int\"");
        }
    }
}
