/**
 * The error taxonomy: what went wrong, where, and what to do about it. Depends on nothing.
 */
@NullMarked
package io.cdcsystem.schema.error;

import org.jspecify.annotations.NullMarked;
