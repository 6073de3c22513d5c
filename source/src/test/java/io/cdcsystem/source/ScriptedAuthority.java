package io.cdcsystem.source;

import io.cdcsystem.schema.authority.Ruling;
import io.cdcsystem.schema.authority.SchemaAuthority;
import io.cdcsystem.schema.authority.SchemaAuthorityConfig;
import io.cdcsystem.schema.authority.VersionRequest;
import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.table.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A schema authority that says what a test has it say. Found by name, since a job serializes its configuration. */
public final class ScriptedAuthority implements SchemaAuthority {
    /** What all instances of one name share. */
    public static final class Script {
        /** What was asked, in order. */
        public final List<VersionRequest> requests = new CopyOnWriteArrayList<>();
        /** Answers, or throws. */
        public volatile Function<VersionRequest, Ruling> answer = ScriptedAuthority::admitted;
        /** How many were closed. */
        public final AtomicInteger closed = new AtomicInteger();
    }

    /** Opens a script by name. */
    public record Config(String script) implements SchemaAuthorityConfig {
        @Override
        public SchemaAuthority open() {
            return new ScriptedAuthority(Objects.requireNonNull(SCRIPTS.get(script)));
        }
    }

    private static final Map<String, Script> SCRIPTS = new ConcurrentHashMap<>();

    private final Script script;

    private ScriptedAuthority(Script script) {
        this.script = script;
    }

    /** A new script. */
    public static Script script(String name) {
        Script script = new Script();
        SCRIPTS.put(name, script);
        return script;
    }

    /** A gate of that script. */
    public static SchemaGateConfig gate(String name, SchemaGateConfig.Scope scope) {
        return new SchemaGateConfig(new Config(name), scope, SchemaGateConfig.BACKLOG_BYTES_MAX);
    }

    /** Admits the version as it is, with as many columns as its key's schema id. */
    public static Ruling admitted(VersionRequest request) {
        TableSchema after = request.change().after();
        return new Ruling.Admitted(
                after == null
                        ? null
                        : new Admission.Publish(after, after.columns().size(), 7));
    }

    @Override
    public Ruling rule(VersionRequest request) {
        script.requests.add(request);
        return script.answer.apply(request);
    }

    @Override
    public void close() {
        script.closed.incrementAndGet();
    }
}
