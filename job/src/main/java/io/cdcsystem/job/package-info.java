/**
 * The assembled pipeline and the main class that a Flink cluster runs.
 *
 * <p>The only package besides {@code job.command} that knows every module. Topology is defined on the thread of main;
 * nothing here runs inside an operator.
 */
@NullMarked
package io.cdcsystem.job;

import org.jspecify.annotations.NullMarked;
