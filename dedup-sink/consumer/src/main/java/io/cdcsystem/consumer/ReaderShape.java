package io.cdcsystem.consumer;

import org.apache.avro.Schema;

/**
 * The schema that a topic's records are brought into at present; another one means that readers are made anew.
 *
 * @param name what messages call it
 * @param schema the schema
 */
record ReaderShape(String name, Schema schema) {}
