package io.cdcsystem.testbed;

/** The PostgreSQL versions the build brings: the oldest supported one, one between, the newest. */
public enum PostgresVersion {
    V14(14),
    V16(16),
    V18(18);

    private final int major;

    PostgresVersion(int major) {
        this.major = major;
    }

    public int major() {
        return major;
    }

    public static PostgresVersion newest() {
        return V18;
    }
}
