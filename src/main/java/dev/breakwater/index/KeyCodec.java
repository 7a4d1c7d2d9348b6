package dev.breakwater.index;

import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How the keys of a table lie on disk.
 *
 * @param encode different keys give different bytes
 * @param decode empty if the bytes are no such key
 * @param from no key is less; tables with different keys may share a family
 * @param to greater than every key; null if nothing lies behind
 */
record KeyCodec<K>(
    Function<K, byte[]> encode,
    Function<byte[], Optional<K>> decode,
    byte[] from,
    byte @Nullable [] to) {}
