/**
 * The contract with consumers beyond the envelope: header names and the Confluent framing. Depends on nothing.
 */
@NullMarked
package io.cdcsystem.schema.wire;

import org.jspecify.annotations.NullMarked;
