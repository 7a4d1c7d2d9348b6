package dev.breakwater.index;

/**
 * An index and whether it still has to be filled.
 *
 * @param index to be closed by the caller that opened it
 * @param fresh whether it lacks what the store holds, because it is new, replaced a damaged one, or
 *     an earlier rebuilding was cut short: the caller then applies a fact of {@link Tables#BLOBS}
 *     for every stored blob and ends with {@link RocksIndex#rebuilt()}. It may serve meanwhile.
 */
public record OpenedIndex(RocksIndex index, boolean fresh) {}
