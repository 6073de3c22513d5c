package io.cdcsystem.source.postgres.stream;

import io.cdcsystem.schema.error.CdcException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the catalog now and then for captured tables that are gone, which without event triggers the log does not tell,
 * and says so once the log was read beyond the look. Belongs to the fetcher thread.
 */
final class CatalogWatch {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogWatch.class);

    private final CatalogTypes catalog;
    private final CapturedDefinitions definitions;
    private final BatchAssembler assembler;
    private final long intervalNanos;
    private long lastNanos;
    private @Nullable CatalogLook open;

    CatalogWatch(CatalogTypes catalog, CapturedDefinitions definitions, BatchAssembler assembler, Duration interval) {
        this.catalog = catalog;
        this.definitions = definitions;
        this.assembler = assembler;
        this.intervalNanos = interval.toNanos();
        this.lastNanos = System.nanoTime();
    }

    /** At the beginning: which tables the oids in the log mean. */
    void begin() {
        definitions.presume(catalog.look(definitions.standing()).oids());
    }

    /** Looks if it is time to, and acts on the last look if the log was read that far. */
    void poll() {
        CatalogLook look = open;
        if (look != null) {
            if (assembler.betweenTransactions() && Long.compareUnsigned(assembler.boundary(), look.lsn()) >= 0) {
                open = null;
                assembler.gone(look.gone());
            }
        } else if (System.nanoTime() - lastNanos >= intervalNanos) {
            lastNanos = System.nanoTime();
            look();
        }
    }

    private void look() {
        try {
            CatalogLook look = catalog.look(definitions.standing());
            open = look.gone().isEmpty() ? null : look;
        } catch (CdcException e) {
            // The log is still read: a dropped table is found later then.
            LOG.warn("The catalog could not be looked at for dropped tables, and will be again: {}", e.getMessage());
        }
    }
}
