package io.cdcsystem.schema.registry;

import io.cdcsystem.schema.registry.RegistryTransport.Call;
import java.net.http.HttpResponse;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Apicurio's own interface to a subject's rules, beside its Confluent one.
 *
 * <p>Needed for one thing that its Confluent interface cannot say: a subject that is not checked although the registry
 * checks by default. There {@code NONE} means "no rule of its own".
 */
final class ApicurioRules {
    private static final Pattern CONFLUENT_BASE = Pattern.compile("/apis/ccompat/v\\d+$");
    private static final String OWN_BASE = "/apis/registry/v2";
    private static final String RULE = "{\"type\":\"COMPATIBILITY\",\"config\":\"NONE\"}";
    private static final int CONFLICT = 409;

    private final RegistryTransport transport;

    private ApicurioRules(RegistryTransport transport) {
        this.transport = transport;
    }

    /** The rules of an Apicurio behind these URLs; null for another registry. */
    static @Nullable ApicurioRules behind(RegistryTransport confluent) {
        boolean apicurio = confluent.urls().stream()
                .allMatch(url -> CONFLUENT_BASE.matcher(url).find());
        return apicurio
                ? new ApicurioRules(
                        confluent.at(url -> CONFLUENT_BASE.matcher(url).replaceFirst(OWN_BASE), "application/json"))
                : null;
    }

    /** Lets every schema into the subject, until the subject's level is set again. */
    void allowAll(String subject) {
        String what = "rules of subject " + subject;
        String rules = "/groups/default/artifacts/" + RegistryTransport.encode(subject) + "/rules";
        HttpResponse<String> response = transport.call(Call.post(rules, RULE, what));
        if (response.statusCode() == CONFLICT) {
            response = transport.call(Call.put(rules + "/COMPATIBILITY", RULE, what));
        }
        RegistryTransport.checked(response, what);
    }
}
