/**
 * The {@code cdc} command: one class per sub-command, and the state folder that {@code cdc run} keeps.
 *
 * <p>Commands run on the main thread; the shutdown hook of {@code run} is the one other thread. Depends on
 * {@code job}, {@code job.config}, {@code job.rest}, {@code job.signal} and picocli.
 */
@NullMarked
package io.cdcsystem.job.command;

import org.jspecify.annotations.NullMarked;
