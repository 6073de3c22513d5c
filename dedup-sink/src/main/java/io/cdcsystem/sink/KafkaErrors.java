package io.cdcsystem.sink;

import io.cdcsystem.schema.error.CdcException;
import io.cdcsystem.schema.error.ErrorCode;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RetriableException;

/** What Kafka's errors mean to the person who has to act. */
final class KafkaErrors {
    private KafkaErrors() {}

    /** The error of doing {@code what}, with a remedy. */
    static CdcException explain(String what, KafkaSinkConfig config, Throwable error) {
        boolean passing = error instanceof RetriableException
                || error instanceof org.apache.kafka.common.errors.TimeoutException
                || error instanceof java.util.concurrent.TimeoutException;
        return new CdcException(
                passing ? ErrorCode.KAFKA_UNREACHABLE : ErrorCode.KAFKA_UNUSABLE,
                what + " at " + config.bootstrapServers() + " failed: " + reason(error) + "; " + remedy(error),
                error);
    }

    /** What a future or a client's constructor wrapped. */
    static Throwable causeOf(Exception wrapper) {
        Throwable cause = wrapper.getCause();
        return cause == null ? wrapper : cause;
    }

    /** The error's own words, or its name where it has none. */
    static String reason(Throwable error) {
        String message = error.getMessage();
        return message == null ? error.getClass().getSimpleName() : message;
    }

    /** What to do about it. */
    static String remedy(Throwable error) {
        if (error instanceof AuthenticationException) {
            return "check sink.properties: security.protocol, sasl.mechanism, sasl.jaas.config and the ssl settings";
        }
        if (error instanceof AuthorizationException) {
            return "let the principal Describe, Create and Write the topics (exactly-once: also Describe and Write its"
                    + " transactional ids), or create the topics beforehand";
        }
        if (error instanceof InvalidReplicationFactorException) {
            return "set a replication factor that the number of brokers allows, or -1 for the broker's default";
        }
        if (error instanceof InvalidPartitionsException
                || error instanceof InvalidConfigurationException
                || error instanceof PolicyViolationException) {
            return "change the partitions, the replication factor or the topic settings to what the broker accepts";
        }
        if (error instanceof InvalidTopicException) {
            return "choose a topic prefix or a table mapping that gives names of letters, digits, '.', '_' and '-', at"
                    + " most 249 long";
        }
        return "check that the brokers run, that the bootstrap servers are right, and that the listeners they advertise"
                + " can be reached from here";
    }
}
