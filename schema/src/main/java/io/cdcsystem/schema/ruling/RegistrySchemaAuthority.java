package io.cdcsystem.schema.ruling;

import io.cdcsystem.schema.authority.Ruling;
import io.cdcsystem.schema.authority.SchemaAuthority;
import io.cdcsystem.schema.authority.VersionRequest;
import io.cdcsystem.schema.compatibility.Break;
import io.cdcsystem.schema.compatibility.CompatibilityMode;
import io.cdcsystem.schema.compatibility.CompatibilityRule;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import io.cdcsystem.schema.event.Admission.DeadLetter;
import io.cdcsystem.schema.event.Admission.Publish;
import io.cdcsystem.schema.evolution.RowProjection;
import io.cdcsystem.schema.ruling.VersionRegistrar.Registration;
import io.cdcsystem.schema.table.TableSchema;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rules by compatibility, registry, decisions and policy, in this order:
 *
 * <ol>
 *   <li>A version that breaks nobody, neither by our rule nor by the registry's, is registered and published.
 *   <li>A person's decision on a version that breaks holds under every policy.
 *   <li>So does a schema that somebody registered by hand: one that the registry has, and the table was never published
 *       under.
 *   <li>Else the table's policy says what becomes of it.
 * </ol>
 *
 * <p>The notice of what came of it stands before the answer is given. Remembers which notices it gave, and which changes
 * wait, so that being asked again costs a look at the decisions only. One thread at a time.
 */
public final class RegistrySchemaAuthority implements SchemaAuthority {
    private static final Logger LOG = LoggerFactory.getLogger(RegistrySchemaAuthority.class);

    private final VersionRegistrar registrar;
    private final SchemaPolicies policies;
    private final SchemaNotices notices;
    private final SchemaDecisions decisions;
    private final Set<String> noticed = new HashSet<>();
    private final Map<VersionRequest, Breaking> waiting = new HashMap<>();

    /** An authority that closes notices and decisions with itself. */
    public RegistrySchemaAuthority(
            VersionRegistrar registrar, SchemaPolicies policies, SchemaNotices notices, SchemaDecisions decisions) {
        this.registrar = registrar;
        this.policies = policies;
        this.notices = notices;
        this.decisions = decisions;
    }

    @Override
    public Ruling rule(VersionRequest request) {
        TableSchema version = request.change().after();
        if (version == null) {
            TableSchema gone = Objects.requireNonNull(request.change().before(), "before");
            SchemaIds ids = registrar.find(gone).orElse(SchemaIds.NONE);
            CompatibilityMode mode = policies.of(gone.id()).compatibility();
            tell(new SchemaNotice(request, ids, SchemaIds.NONE, mode, NoticeVerdict.COMPATIBLE, List.of(), null));
            return new Ruling.Admitted(null);
        }
        Breaking known = waiting.get(request);
        if (known != null) {
            Ruling ruling = decided(known).orElseGet(() -> new Ruling.Pending(known.reason()));
            if (!(ruling instanceof Ruling.Pending)) {
                waiting.remove(request);
            }
            return ruling;
        }
        return judged(request, version);
    }

    @Override
    public void close() {
        try (notices;
                decisions) {
            LOG.debug("The schema authority ends with {} changes waiting", waiting.size());
        }
    }

    private Ruling judged(VersionRequest request, TableSchema version) {
        SchemaPolicy policy = policies.of(version.id());
        CompatibilityMode mode = policy.compatibility();
        // Under another name it had another topic, with subjects of its own.
        List<TableSchema> earlier = request.published().stream()
                .filter(table -> table.id().equals(version.id()))
                .toList();
        TableSchema last = earlier.isEmpty() ? null : earlier.get(earlier.size() - 1);
        List<String> breaks =
                CompatibilityRule.verdict(
                                mode, earlier, version, request.change().renamedColumns())
                        .breaks()
                        .stream()
                        .map(Break::text)
                        .toList();
        SchemaIds before = idsBefore(request, last);
        if (breaks.isEmpty()) {
            Registration registration = mode == CompatibilityMode.NONE
                    ? new Registration.Registered(registrar.registerRegardless(version))
                    : registrar.register(version);
            if (registration instanceof Registration.Registered registered) {
                SchemaIds ids = registered.ids();
                tell(new SchemaNotice(request, before, ids, mode, NoticeVerdict.COMPATIBLE, breaks, null));
                return publish(version, ids);
            }
            breaks = List.of(((Registration.Refused) registration).reason());
        }
        Breaking breaking = new Breaking(request, version, earlier, last, before, policy, breaks);
        Optional<Ruling> ruling = decided(breaking).or(() -> registeredByHand(breaking));
        return ruling.orElseGet(() -> byPolicy(breaking));
    }

    private SchemaIds idsBefore(VersionRequest request, @Nullable TableSchema last) {
        TableSchema before = last == null ? request.change().before() : last;
        return before == null ? SchemaIds.NONE : registrar.find(before).orElse(SchemaIds.NONE);
    }

    private Optional<Ruling> decided(Breaking breaking) {
        return decisions.on(breaking.table(), breaking.fingerprint()).map(decision -> {
            if (decision.kind() == SchemaDecision.Kind.REJECTED) {
                tell(breaking.notice(NoticeVerdict.REJECTED, SchemaIds.NONE, decision));
                return new Ruling.Admitted(new DeadLetter(decision.text()));
            }
            SchemaIds ids = registrar.registerRegardless(breaking.version());
            tell(breaking.notice(NoticeVerdict.APPROVED, ids, decision));
            return publish(breaking.version(), ids);
        });
    }

    /** A version that was published before is not meant: it was registered by us, not by a decision to go back to it. */
    private Optional<Ruling> registeredByHand(Breaking breaking) {
        if (registrar == VersionRegistrar.NONE || breaking.earlier().contains(breaking.version())) {
            return Optional.empty();
        }
        return registrar.find(breaking.version()).map(ids -> {
            tell(breaking.notice(NoticeVerdict.REGISTERED, ids, null));
            return publish(breaking.version(), ids);
        });
    }

    private Ruling byPolicy(Breaking breaking) {
        return switch (breaking.policy().onBreakingChange()) {
            case PAUSE -> paused(breaking);
            case FAIL -> {
                tell(breaking.notice(NoticeVerdict.BREAKING, SchemaIds.NONE, null));
                throw new CdcException(ErrorCode.BREAKING_CHANGE, breaking.reason());
            }
            case DEAD_LETTER -> {
                tell(breaking.notice(NoticeVerdict.DEAD_LETTER, SchemaIds.NONE, null));
                yield new Ruling.Admitted(new DeadLetter(breaking.reason()));
            }
            case IGNORE_COLUMN -> {
                TableSchema last = breaking.last();
                if (last == null || !breaking.fitsInto(last)) {
                    yield paused(breaking);
                }
                SchemaIds ids = registrar.registerRegardless(last);
                tell(breaking.notice(NoticeVerdict.IGNORED, ids, null));
                yield publish(last, ids);
            }
        };
    }

    private Ruling paused(Breaking breaking) {
        tell(breaking.notice(NoticeVerdict.PENDING, SchemaIds.NONE, null));
        waiting.put(breaking.request(), breaking);
        return new Ruling.Pending(breaking.reason());
    }

    private static Ruling publish(TableSchema as, SchemaIds ids) {
        return new Ruling.Admitted(new Publish(as, ids.key(), ids.value()));
    }

    private void tell(SchemaNotice notice) {
        String once = notice.verdict() + " " + notice.id();
        if (!noticed.contains(once)) {
            notices.publish(notice);
            noticed.add(once);
        }
    }

    /**
     * A change that breaks.
     *
     * @param earlier the versions that the table's topic was published under
     * @param last the last of them; null where there is none
     * @param before ids of the version that ends
     */
    private record Breaking(
            VersionRequest request,
            TableSchema version,
            List<TableSchema> earlier,
            @Nullable TableSchema last,
            SchemaIds before,
            SchemaPolicy policy,
            List<String> breaks) {

        String table() {
            return SchemaDecision.tableName(version.id());
        }

        String fingerprint() {
            return VersionFingerprint.of(version);
        }

        /** Column by column of the same name: a renamed one would be null from here on, without anybody knowing. */
        boolean fitsInto(TableSchema other) {
            return request.change().renamedColumns().isEmpty()
                    && RowProjection.obstacle(version, other).isEmpty();
        }

        SchemaNotice notice(NoticeVerdict verdict, SchemaIds after, @Nullable SchemaDecision decision) {
            return new SchemaNotice(request, before, after, policy.compatibility(), verdict, breaks, decision);
        }

        String reason() {
            return "the change of table " + version.id() + " at " + request.position() + " breaks compatibility "
                    + policy.compatibility().configName() + ": " + String.join("; ", breaks)
                    + ". Schema ids of the last version: " + before + "; of the new one (" + fingerprint()
                    + "): none yet. Decide with ./cdc schema approve -c FILE " + version.id()
                    + " or ./cdc schema reject -c FILE " + version.id();
        }
    }
}
