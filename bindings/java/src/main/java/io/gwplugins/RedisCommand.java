package io.gwplugins;

import java.util.List;

/**
 * What to send to Redis, as {@code EVALSHA sha numberOfKeys keys... arguments...}. A server that answers NOSCRIPT is
 * sent EVAL with {@link Limiter#script} in place of the SHA-1. All keys are in one slot of a cluster.
 *
 * @param sha SHA-1 of the script in hexadecimal; empty when nothing is to be sent: then the reply is empty, too
 * @param keys the keys; they hold the values of the request
 * @param arguments the arguments
 */
public record RedisCommand(String sha, List<byte[]> keys, List<byte[]> arguments) {
    /** Nothing is to be sent. */
    public boolean isEmpty() {
        return sha.isEmpty();
    }

    /** Without the keys, which may be personal. */
    @Override
    public String toString() {
        return "RedisCommand[" + keys.size() + " keys]";
    }
}
