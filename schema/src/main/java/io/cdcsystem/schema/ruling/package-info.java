/**
 * How the schema authority rules: compatibility mode and policy per table, registration, people's decisions, and the
 * notice that stands before the first event of a version.
 *
 * <p>{@code RegistrySchemaAuthority} decides; where notices go and decisions come from are interfaces, so that Kafka stays
 * outside. One thread at a time. Depends on {@code authority}, {@code change}, {@code compatibility}, {@code envelope},
 * {@code field}, {@code registry} and on {@code evolution}'s projection.
 */
@NullMarked
package io.cdcsystem.schema.ruling;

import org.jspecify.annotations.NullMarked;
