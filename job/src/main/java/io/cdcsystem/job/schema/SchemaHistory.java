package io.cdcsystem.job.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.ruling.NoticeVerdict;
import io.cdcsystem.schema.ruling.SchemaDecision;
import io.cdcsystem.schema.ruling.SchemaIds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What became of each table's definition, as notices and decisions tell it.
 *
 * @param tables by name
 */
public record SchemaHistory(List<Table> tables) {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaHistory.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Takes the list over. */
    public SchemaHistory {
        tables = List.copyOf(tables);
    }

    /**
     * One notice.
     *
     * @param table the table, under its new name where it was renamed
     * @param at when it was written
     */
    public record Notice(
            String table,
            String kind,
            String verdict,
            String fingerprint,
            String position,
            SchemaIds ids,
            List<String> breaks,
            Instant at) {
        /** Takes the list over. */
        public Notice {
            breaks = List.copyOf(breaks);
        }

        private boolean publishes() {
            return !kind.equals("drop")
                    && Set.of(
                                    NoticeVerdict.COMPATIBLE.text(),
                                    NoticeVerdict.APPROVED.text(),
                                    NoticeVerdict.REGISTERED.text())
                            .contains(verdict);
        }

        private boolean undecided() {
            return Set.of(NoticeVerdict.PENDING.text(), NoticeVerdict.BREAKING.text())
                    .contains(verdict);
        }
    }

    /**
     * A table.
     *
     * @param name {@code database.schema.table}
     * @param versions how many versions were published
     * @param published the last of them; null where there is none
     * @param notices all that was told of it, oldest first; never empty
     * @param decisions all that were taken on it, oldest first
     */
    public record Table(
            String name,
            int versions,
            @Nullable Notice published,
            List<Notice> notices,
            List<SchemaDecision> decisions) {
        /** Takes the lists over. */
        public Table {
            notices = List.copyOf(notices);
            decisions = List.copyOf(decisions);
        }

        /** What came last. */
        public Notice last() {
            return notices.get(notices.size() - 1);
        }

        /**
         * The versions that nobody has decided on, each as it was told of last, oldest first: behind a version that waits
         * there may be another. That the table was dropped decides on none.
         */
        public List<Notice> pending() {
            Map<String, Notice> newest = new LinkedHashMap<>();
            for (Notice notice : notices) {
                if (!notice.kind().equals("drop")) {
                    newest.remove(notice.fingerprint());
                    newest.put(notice.fingerprint(), notice);
                }
            }
            decisions.forEach(decision -> newest.remove(decision.fingerprint()));
            return newest.values().stream().filter(Notice::undecided).toList();
        }

        /** Whether {@code schema.table} or {@code database.schema.table} means it. */
        public boolean isCalled(String text) {
            return name.equals(text) || name.endsWith("." + text);
        }
    }

    /** All that the topics hold by now. */
    public static SchemaHistory read(SchemaTopics topics) {
        Map<String, List<Notice>> notices = new TreeMap<>();
        Map<String, List<SchemaDecision>> decisions = new TreeMap<>();
        try (TopicTail tail = new TopicTail(topics, topics.changes())) {
            for (ConsumerRecord<String, String> one : tail.catchUp()) {
                notice(one).ifPresent(notice -> notices.computeIfAbsent(notice.table(), table -> new ArrayList<>())
                        .add(notice));
            }
        }
        try (TopicTail tail = new TopicTail(topics, topics.decisions())) {
            for (ConsumerRecord<String, String> one : tail.catchUp()) {
                try {
                    SchemaDecision decision = SchemaDecision.parse(String.valueOf(one.value()));
                    decisions
                            .computeIfAbsent(decision.table(), table -> new ArrayList<>())
                            .add(decision);
                } catch (CdcException e) {
                    LOG.warn("Ignoring offset {} of topic {}: {}", one.offset(), one.topic(), e.getMessage());
                }
            }
        }
        List<Table> tables = new ArrayList<>();
        notices.forEach((name, told) -> tables.add(table(name, told, decisions.getOrDefault(name, List.of()))));
        return new SchemaHistory(tables);
    }

    private static Table table(String name, List<Notice> notices, List<SchemaDecision> decisions) {
        Notice published = null;
        Set<String> versions = new HashSet<>();
        for (Notice notice : notices) {
            if (notice.publishes()) {
                published = notice;
                versions.add(notice.fingerprint());
            }
        }
        return new Table(name, versions.size(), published, notices, decisions);
    }

    private static Optional<Notice> notice(ConsumerRecord<String, String> written) {
        try {
            JsonNode root = JSON.readTree(String.valueOf(written.value()));
            String after = root.path("after").path("table").asText("");
            JsonNode ids = root.path("schemaIds").path("after");
            List<String> breaks = new ArrayList<>();
            root.path("breaks").forEach(one -> breaks.add(one.asText()));
            String table = after.isEmpty() ? root.path("table").asText("") : after;
            String fingerprint = root.path("fingerprint").asText("");
            if (table.isEmpty() || fingerprint.isEmpty()) {
                LOG.warn("Ignoring offset {} of topic {}: no notice", written.offset(), written.topic());
                return Optional.empty();
            }
            return Optional.of(new Notice(
                    table,
                    root.path("kind").asText(""),
                    root.path("verdict").asText(""),
                    fingerprint,
                    root.path("position").asText(""),
                    new SchemaIds(ids.path("key").asInt(0), ids.path("value").asInt(0)),
                    breaks,
                    Instant.ofEpochMilli(written.timestamp())));
        } catch (JsonProcessingException e) {
            LOG.warn("Ignoring offset {} of topic {}: {}", written.offset(), written.topic(), e.getMessage());
            return Optional.empty();
        }
    }
}
