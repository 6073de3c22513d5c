package io.cdcsystem.source.postgres.type;

/** The session settings that fix PostgreSQL's text forms, for every connection that reads values. */
public final class TextSettings {
    /** For the {@code options} connection parameter. */
    public static final String OPTIONS = "-c DateStyle=ISO -c IntervalStyle=postgres -c TimeZone=UTC"
            + " -c extra_float_digits=1 -c bytea_output=hex -c lc_monetary=C -c client_encoding=UTF8";

    private TextSettings() {}
}
