package io.cdcsystem.schema.ruling;

import io.cdcsystem.schema.authority.VersionRequest;
import io.cdcsystem.schema.change.TableChange;
import io.cdcsystem.schema.compatibility.CompatibilityMode;
import io.cdcsystem.schema.table.TableSchema;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What consumers and people are told of a change before its first event is published.
 *
 * @param request the change and where it stands
 * @param before ids of the version that ends
 * @param after ids that rows behind the change are published under; {@code NONE} where they are not, or are not yet
 * @param mode what it was judged by
 * @param verdict what became of it
 * @param breaks what breaks, one text each; empty where nothing does
 * @param decision the decision that the verdict rests on; null where it rests on none
 */
public record SchemaNotice(
        VersionRequest request,
        SchemaIds before,
        SchemaIds after,
        CompatibilityMode mode,
        NoticeVerdict verdict,
        List<String> breaks,
        @Nullable SchemaDecision decision) {

    /** Takes the list over. */
    public SchemaNotice {
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(before, "before");
        Objects.requireNonNull(after, "after");
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(verdict, "verdict");
        breaks = List.copyOf(breaks);
    }

    /** {@code create}, {@code alter}, {@code rename} or {@code drop}. */
    public String kind() {
        TableSchema old = request.change().before();
        TableSchema now = request.change().after();
        if (old == null) {
            return "create";
        }
        if (now == null) {
            return "drop";
        }
        return old.id().equals(now.id()) ? "alter" : "rename";
    }

    /** The fingerprint of the version that begins; of a dropped table, of the one that ends. */
    public String fingerprint() {
        TableChange change = request.change();
        TableSchema now = change.after();
        return VersionFingerprint.of(now == null ? Objects.requireNonNull(change.before()) : now);
    }

    /** Names the change: the same in every notice of it, also after a restart. */
    public String id() {
        return SchemaDecision.tableName(request.change().table()) + "@" + request.position() + ":" + kind() + ":"
                + fingerprint();
    }
}
