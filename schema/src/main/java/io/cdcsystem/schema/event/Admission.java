package io.cdcsystem.schema.event;

import io.cdcsystem.schema.table.TableSchema;
import java.io.Serializable;
import java.util.Objects;

/** How the rows of an admitted table version are published. */
public sealed interface Admission extends Serializable {

    /**
     * To the table's topic.
     *
     * @param as the version that the records show: the admitted one, or an earlier one that its rows fit into, whose columns
     *     are taken by name
     * @param keySchemaId the registry's id of the keys' schema, 0 where there is none
     * @param valueSchemaId the registry's id of the values' schema, 0 where there is none
     */
    record Publish(TableSchema as, int keySchemaId, int valueSchemaId) implements Admission {
        /** Rejects negative ids. */
        public Publish {
            Objects.requireNonNull(as, "as");
            if (keySchemaId < 0 || valueSchemaId < 0) {
                throw new IllegalArgumentException("schema ids " + keySchemaId + " and " + valueSchemaId);
            }
        }
    }

    /**
     * As JSON to the dead-letter topic.
     *
     * @param reason why the table's topic does not get them
     */
    record DeadLetter(String reason) implements Admission {
        /** Rejects an empty reason. */
        public DeadLetter {
            if (reason.isEmpty()) {
                throw new IllegalArgumentException("a dead letter says why");
            }
        }
    }
}
