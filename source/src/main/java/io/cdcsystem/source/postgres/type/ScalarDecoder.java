package io.cdcsystem.source.postgres.type;

import static io.cdcsystem.source.postgres.type.ValueBytes.malformed;
import static io.cdcsystem.source.postgres.type.ValueBytes.malformedBinary;
import static io.cdcsystem.source.postgres.type.ValueBytes.parseLong;
import static io.cdcsystem.source.postgres.type.ValueBytes.requireLength;

import io.cdcsystem.schema.row.BigEndian;
import io.cdcsystem.schema.row.RowWriter;

/** Truth values, integers, floating point, UUIDs. */
enum ScalarDecoder implements FieldDecoder {
    BOOL {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            requireLength("bool", 1, length);
            writeBoolean(array[offset] != 0, out);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            if (length != 1 || (array[offset] != 't' && array[offset] != 'f')) {
                throw malformed("bool", array, offset, length);
            }
            writeBoolean(array[offset] == 't', out);
        }

        private void writeBoolean(boolean value, RowWriter out) {
            out.writeInt(1);
            out.writeByte(value ? 1 : 0);
        }
    },
    INT2 {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            requireLength("int2", Short.BYTES, length);
            out.writeField(array, offset, length);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            long value = parseLong("int2", array, offset, length);
            if (value != (short) value) {
                throw malformed("int2", array, offset, length);
            }
            out.writeInt(Short.BYTES);
            out.writeShort((int) value);
        }
    },
    INT4 {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            requireLength("int4", Integer.BYTES, length);
            out.writeField(array, offset, length);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            long value = parseLong("int4", array, offset, length);
            if (value != (int) value) {
                throw malformed("int4", array, offset, length);
            }
            out.writeInt(Integer.BYTES);
            out.writeInt((int) value);
        }
    },
    INT8 {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            requireLength("int8", Long.BYTES, length);
            out.writeField(array, offset, length);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            writeLongField(parseLong("int8", array, offset, length), out);
        }
    },
    OID {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            requireLength("oid", Integer.BYTES, length);
            writeLongField(Integer.toUnsignedLong(BigEndian.getInt(array, offset)), out);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            writeLongField(parseLong("oid", array, offset, length), out);
        }
    },
    FLOAT4 {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            requireLength("float4", Float.BYTES, length);
            writeFloat(Float.intBitsToFloat(BigEndian.getInt(array, offset)), out);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            try {
                writeFloat(Float.parseFloat(ValueBytes.ascii(array, offset, length)), out);
            } catch (NumberFormatException e) {
                throw malformed("float4", array, offset, length);
            }
        }

        private void writeFloat(float value, RowWriter out) {
            out.writeInt(Float.BYTES);
            // Not the raw bits: all NaNs have to be one, in binary as in text.
            out.writeInt(Float.floatToIntBits(value));
        }
    },
    FLOAT8 {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            requireLength("float8", Double.BYTES, length);
            writeDouble(Double.longBitsToDouble(BigEndian.getLong(array, offset)), out);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            try {
                writeDouble(Double.parseDouble(ValueBytes.ascii(array, offset, length)), out);
            } catch (NumberFormatException e) {
                throw malformed("float8", array, offset, length);
            }
        }

        private void writeDouble(double value, RowWriter out) {
            writeLongField(Double.doubleToLongBits(value), out);
        }
    },
    UUID {
        private static final int TEXT_LENGTH = 36;

        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            requireLength("uuid", 2 * Long.BYTES, length);
            out.writeField(array, offset, length);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            if (length != TEXT_LENGTH) {
                throw malformed("uuid", array, offset, length);
            }
            out.writeInt(2 * Long.BYTES);
            for (int at = 0; at < TEXT_LENGTH; ) {
                if (array[offset + at] == '-') {
                    at++;
                    continue;
                }
                if (at + 1 == TEXT_LENGTH) {
                    throw malformed("uuid", array, offset, length);
                }
                int high = ValueBytes.hexDigit("uuid", array, offset + at);
                out.writeByte(high << 4 | ValueBytes.hexDigit("uuid", array, offset + at + 1));
                at += 2;
            }
        }
    },
    /** Minor units; the text form is whatever lc_monetary makes of them, so only its digits and sign count. */
    MONEY {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            requireLength("money", Long.BYTES, length);
            Decimals.write(MONEY_SCALE, BigEndian.getLong(array, offset), out);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            boolean negative = false;
            long value = 0;
            int digits = 0;
            for (int at = offset; at < offset + length; at++) {
                byte c = array[at];
                if (c == '-' || c == '(') {
                    negative = true;
                } else if (ValueBytes.isDigit(c)) {
                    value = value * 10 - (c - '0');
                    digits++;
                }
            }
            if (digits == 0 || digits > 19 || value > 0) {
                throw malformed("money", array, offset, length);
            }
            Decimals.write(MONEY_SCALE, negative ? value : -value, out);
        }
    },
    /** PostgreSQL's one-byte {@code "char"}; a byte beyond ASCII is printed as an octal escape by version 16 on. */
    CHAR {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            requireLength("\"char\"", 1, length);
            writeChar(array[offset], out);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            if (length == 1) {
                writeChar(array[offset], out);
            } else {
                out.writeField(array, offset, length);
            }
        }

        private void writeChar(byte value, RowWriter out) {
            out.beginField();
            if (value < 0) {
                out.writeByte('\\');
                out.writeByte('0' + ((value >> 6) & 3));
                out.writeByte('0' + ((value >> 3) & 7));
                out.writeByte('0' + (value & 7));
            } else if (value != 0) {
                out.writeByte(value);
            }
            out.endField();
        }
    },
    /** {@code text}, {@code varchar}, {@code json}, {@code xml}, enumerations …: both forms are the text itself. */
    TEXT {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            out.writeField(array, offset, length);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            out.writeField(array, offset, length);
        }
    },
    /** As text, behind a version byte in binary form. */
    JSONB {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            ValueBytes.requireAtLeast("jsonb", 1, length);
            if (array[offset] != 1) {
                throw malformedBinary("jsonb", "has version " + array[offset]);
            }
            out.writeField(array, offset + 1, length - 1);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            out.writeField(array, offset, length);
        }
    },
    BYTEA {
        @Override
        public void binary(byte[] array, int offset, int length, RowWriter out) {
            out.writeField(array, offset, length);
        }

        @Override
        public void text(byte[] array, int offset, int length, RowWriter out) {
            if (length < 2 || (length & 1) != 0 || array[offset] != '\\' || array[offset + 1] != 'x') {
                throw malformed("bytea", array, offset, length);
            }
            out.writeInt(length / 2 - 1);
            for (int at = offset + 2; at < offset + length; at += 2) {
                int high = ValueBytes.hexDigit("bytea", array, at);
                out.writeByte(high << 4 | ValueBytes.hexDigit("bytea", array, at + 1));
            }
        }
    };

    /** lc_monetary=C is set by {@link TextSettings}; the binary form has no scale of its own. */
    static final int MONEY_SCALE = 2;

    static void writeLongField(long value, RowWriter out) {
        out.writeInt(Long.BYTES);
        out.writeLong(value);
    }
}
