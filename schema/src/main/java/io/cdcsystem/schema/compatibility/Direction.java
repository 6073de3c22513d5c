package io.cdcsystem.schema.compatibility;

/** Who reads whom. */
public enum Direction {
    /** The new schema reads what an earlier one wrote. */
    BACKWARD("readers of the new schema cannot read old records"),
    /** An earlier schema reads what the new one writes. */
    FORWARD("readers of the old schema cannot read new records");

    private final String broken;

    Direction(String broken) {
        this.broken = broken;
    }

    /** What it means when it does not work. */
    public String broken() {
        return broken;
    }
}
