/**
 * {@code ./cdc demo}: the main job on embedded servers, a live workload, and an end at which tables and topics were
 * compared.
 *
 * <p>Puts together what {@code job} and {@code testbed} offer; holds no logic of the pipeline.
 */
@NullMarked
package io.cdcsystem.demo;

import org.jspecify.annotations.NullMarked;
