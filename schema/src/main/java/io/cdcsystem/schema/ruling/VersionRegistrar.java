package io.cdcsystem.schema.ruling;

import io.cdcsystem.schema.table.TableSchema;
import java.util.Optional;

/**
 * Registers table versions: the schemas of keys and values together. Errors are those of {@link
 * io.cdcsystem.schema.registry.SchemaRegistry}.
 */
public interface VersionRegistrar {
    /** Where records need no registry: every version is there, without ids. */
    VersionRegistrar NONE = new VersionRegistrar() {
        @Override
        public Optional<SchemaIds> find(TableSchema table) {
            return Optional.of(SchemaIds.NONE);
        }

        @Override
        public Registration register(TableSchema table) {
            return new Registration.Registered(SchemaIds.NONE);
        }

        @Override
        public SchemaIds registerRegardless(TableSchema table) {
            return SchemaIds.NONE;
        }
    };

    /** What came of a registration. */
    sealed interface Registration {
        /** The version is there, under these ids. */
        record Registered(SchemaIds ids) implements Registration {}

        /** The registry's own rules forbid it, in its words; nothing was registered. */
        record Refused(String reason) implements Registration {}
    }

    /** The ids of exactly this version; empty where one of its schemas is not there. */
    Optional<SchemaIds> find(TableSchema table);

    /** Registers a version, unless it is there. */
    Registration register(TableSchema table);

    /** Registers a version although the registry's rules forbid it, as a person decided. */
    SchemaIds registerRegardless(TableSchema table);
}
