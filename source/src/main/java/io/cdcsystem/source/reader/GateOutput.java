package io.cdcsystem.source.reader;

import io.cdcsystem.schema.event.SourceEvent;
import io.cdcsystem.source.protocol.ReaderReport;

/** Where the {@link LogGate} lets things go to. */
interface GateOutput {

    /** An event of an admitted version. */
    void handOver(SourceEvent event);

    /** What the enumerator is to know now. */
    void report(ReaderReport report);
}
