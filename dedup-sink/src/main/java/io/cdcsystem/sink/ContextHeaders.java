package io.cdcsystem.sink;

import java.io.Serializable;
import java.util.Objects;

/**
 * What Debezium's context headers say ({@code extended.headers.enabled}).
 *
 * <p>Its {@code runId}, new at every start, is left out: a repeat after a restart would otherwise differ from the original.
 *
 * @param connectorLogicalName the topic prefix
 * @param connectorName the name of the connector, {@code postgresql}
 * @param taskId Debezium's task, {@code 0}
 */
public record ContextHeaders(String connectorLogicalName, String connectorName, String taskId) implements Serializable {
    /** Header of {@link #connectorLogicalName()}. */
    public static final String CONNECTOR_LOGICAL_NAME = "__debezium.context.connectorLogicalName";
    /** Header of {@link #connectorName()}. */
    public static final String CONNECTOR_NAME = "__debezium.context.connectorName";
    /** Header of {@link #taskId()}. */
    public static final String TASK_ID = "__debezium.context.taskId";

    /** Rejects missing parts. */
    public ContextHeaders {
        Objects.requireNonNull(connectorLogicalName, "connectorLogicalName");
        Objects.requireNonNull(connectorName, "connectorName");
        Objects.requireNonNull(taskId, "taskId");
    }

    /** Those of task 0. */
    public static ContextHeaders of(String topicPrefix, String connectorName) {
        return new ContextHeaders(topicPrefix, connectorName, "0");
    }
}
