package io.cdcsystem.schema.codec;

/** How records are written. */
public enum RecordFormat {
    /** JSON as Connect's JsonConverter writes Debezium's envelope. */
    DEBEZIUM_JSON("debezium-json"),
    /** Avro of Debezium's envelope in Confluent's framing. */
    DEBEZIUM_AVRO("debezium-avro");

    private final String configName;

    RecordFormat(String configName) {
        this.configName = configName;
    }

    /** The name in the pipeline file. */
    public String configName() {
        return configName;
    }
}
