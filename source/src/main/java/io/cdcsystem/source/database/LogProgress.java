package io.cdcsystem.source.database;

/**
 * Where reading stands against the server.
 *
 * @param bytesBehind bytes of log between what was handed over and the server's newest known end
 * @param lastCommitMicros commit time of the transaction handed over last, microseconds since 1970-01-01 UTC; 0 before
 *     the first
 */
public record LogProgress(long bytesBehind, long lastCommitMicros) {}
