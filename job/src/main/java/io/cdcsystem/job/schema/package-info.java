/**
 * The schema authority's outside: notices and decisions as Kafka topics, policies by table pattern, and what the commands
 * read of them.
 *
 * <p>{@code KafkaSchemaAuthorityConfig} travels with the job and opens the authority beside the source's enumerator; {@code
 * SchemaHistory} is what people see. Depends on {@code schema.ruling}, the sink's settings and Kafka's clients.
 */
@NullMarked
package io.cdcsystem.job.schema;

import org.jspecify.annotations.NullMarked;
