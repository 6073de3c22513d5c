package io.cdcsystem.job.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cdcsystem.job.schema.SchemaHistory;
import io.cdcsystem.job.schema.SchemaHistory.Notice;
import io.cdcsystem.job.schema.SchemaHistory.Table;
import io.cdcsystem.schema.ruling.SchemaDecision;
import io.cdcsystem.schema.ruling.SchemaIds;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A {@link SchemaHistory} for people and for programs. */
final class SchemaListing {
    private SchemaListing() {}

    static String text(List<Table> tables, Instant now, String file) {
        if (tables.isEmpty()) {
            return "nothing was told yet: the pipeline has not published anything\n";
        }
        StringBuilder text = new StringBuilder();
        for (Table table : tables) {
            text.append(table.name()).append(": ").append(standing(table)).append('\n');
            List<Notice> pending = table.pending();
            for (Notice one : pending) {
                append(text, one, now);
                String version = pending.size() == 1 ? "" : " --fingerprint " + one.fingerprint();
                for (String decision : List.of("approve", "reject")) {
                    text.append("    ./cdc schema ")
                            .append(decision)
                            .append(" -c ")
                            .append(file)
                            .append(' ')
                            .append(table.name())
                            .append(version)
                            .append('\n');
                }
            }
            for (SchemaDecision decision : table.decisions()) {
                text.append("  version ")
                        .append(decision.fingerprint())
                        .append(' ')
                        .append(decision.text())
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static void append(StringBuilder text, Notice pending, Instant now) {
        text.append("  ")
                .append(pending.verdict())
                .append(" for ")
                .append(age(pending, now))
                .append(": version ")
                .append(pending.fingerprint())
                .append(" at ")
                .append(pending.position())
                .append('\n');
        pending.breaks().forEach(one -> text.append("    ").append(one).append('\n'));
    }

    private static String standing(Table table) {
        Notice published = table.published();
        if (table.last().kind().equals("drop")) {
            return "dropped";
        }
        String last = table.last().verdict();
        String more = !table.pending().isEmpty() || table.last().equals(published) ? "" : ", last change " + last;
        if (published == null) {
            return "not published" + more;
        }
        SchemaIds ids = published.ids();
        return table.versions() + " version(s), in use " + published.fingerprint() + ", schema ids " + ids + more;
    }

    private static String age(Notice notice, Instant now) {
        Duration age = Duration.between(notice.at(), now);
        if (age.toHours() > 0) {
            return age.toHours() + "h " + age.toMinutesPart() + "m";
        }
        return age.toMinutes() > 0
                ? age.toMinutes() + "m " + age.toSecondsPart() + "s"
                : Math.max(age.toSeconds(), 0) + "s";
    }

    static String json(List<Table> tables, Instant now) {
        ObjectNode root = new ObjectMapper().createObjectNode();
        ArrayNode array = root.putArray("tables");
        for (Table table : tables) {
            ObjectNode one = array.addObject()
                    .put("table", table.name())
                    .put("dropped", table.last().kind().equals("drop"))
                    .put("versions", table.versions())
                    .put("lastVerdict", table.last().verdict());
            Notice published = table.published();
            if (published == null) {
                one.putNull("published");
            } else {
                one.putObject("published")
                        .put("fingerprint", published.fingerprint())
                        .put("keySchemaId", published.ids().key())
                        .put("valueSchemaId", published.ids().value());
            }
            ArrayNode waiting = one.putArray("pending");
            for (Notice pending : table.pending()) {
                ObjectNode version = waiting.addObject()
                        .put("fingerprint", pending.fingerprint())
                        .put("verdict", pending.verdict())
                        .put("position", pending.position())
                        .put("since", pending.at().toString())
                        .put("ageSeconds", Duration.between(pending.at(), now).toSeconds());
                pending.breaks().forEach(version.putArray("breaks")::add);
            }
            ArrayNode decisions = one.putArray("decisions");
            for (SchemaDecision decision : table.decisions()) {
                decisions
                        .addObject()
                        .put("fingerprint", decision.fingerprint())
                        .put("decision", decision.kind().text())
                        .put("by", decision.by())
                        .put("reason", decision.reason())
                        .put("at", decision.at().toString());
            }
        }
        return root.toPrettyString() + "\n";
    }
}
