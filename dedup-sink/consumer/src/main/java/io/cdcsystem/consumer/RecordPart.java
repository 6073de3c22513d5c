package io.cdcsystem.consumer;

/** Which half of a record is read; each is a subject of its own in the registry. */
public enum RecordPart {
    /** The record's key, of subject {@code <topic>-key}. */
    KEY("-key"),
    /** The record's value, of subject {@code <topic>-value}. */
    VALUE("-value");

    private final String suffix;

    RecordPart(String suffix) {
        this.suffix = suffix;
    }

    /** The subject whose versions a topic's keys or values are written with. */
    public String subject(String topic) {
        return topic + suffix;
    }
}
