package dev.breakwater.index;

import java.nio.ByteBuffer;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * How the facts of a table lie on disk; {@link IndexValues} reads them.
 *
 * @param encode the record with its version
 * @param decode what follows the version, for a key; throws {@link
 *     java.nio.BufferUnderflowException} if the record is damaged
 */
record ValueCodec<K, V>(Function<V, byte[]> encode, BiFunction<K, ByteBuffer, V> decode) {}
