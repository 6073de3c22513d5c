package io.cdcsystem.schema.event.serde;

import io.cdcsystem.schema.event.Admission;
import io.cdcsystem.schema.table.TableSchema;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** The serialized form of an {@link Admission}; part of checkpoints. */
public final class AdmissionCodec {
    private static final int VERSION = 1;
    private static final int PUBLISH_AS_IT_IS = 1;
    private static final int PUBLISH_AS_ANOTHER = 2;
    private static final int DEAD_LETTER = 3;

    private AdmissionCodec() {}

    /** Writes the admission of {@code table}, which is not repeated where its rows are published as they are. */
    public static void write(TableSchema table, Admission admission, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        if (admission instanceof Admission.Publish publish) {
            boolean same = publish.as().equals(table);
            out.writeByte(same ? PUBLISH_AS_IT_IS : PUBLISH_AS_ANOTHER);
            if (!same) {
                VocabularyCodec.writeTableSchema(publish.as(), out);
            }
            out.writeInt(publish.keySchemaId());
            out.writeInt(publish.valueSchemaId());
        } else if (admission instanceof Admission.DeadLetter letter) {
            out.writeByte(DEAD_LETTER);
            Wire.writeText(letter.reason(), out);
        }
    }

    /** What {@link #write} wrote for that table. */
    public static Admission read(TableSchema table, DataInput in) throws IOException {
        Wire.readVersion(in, VERSION, "an admission");
        int kind = in.readUnsignedByte();
        switch (kind) {
            case PUBLISH_AS_IT_IS, PUBLISH_AS_ANOTHER -> {
                TableSchema as = kind == PUBLISH_AS_IT_IS ? table : VocabularyCodec.readTableSchema(in);
                int keySchemaId = in.readInt();
                int valueSchemaId = in.readInt();
                return Wire.checked("an admission", () -> new Admission.Publish(as, keySchemaId, valueSchemaId));
            }
            case DEAD_LETTER -> {
                String reason = Wire.readText(in, "a dead letter's reason");
                return Wire.checked("an admission", () -> new Admission.DeadLetter(reason));
            }
            default -> throw Wire.damaged("an admission of the unknown kind " + kind);
        }
    }
}
