package dev.breakwater.index;

import org.jspecify.annotations.Nullable;

/**
 * A change as RocksDB takes it.
 *
 * @param value null to delete the key
 */
record Row(Family family, byte[] key, byte @Nullable [] value) {
  static Row of(Change change) {
    return switch (change) {
      case Change.Put<?, ?> put -> put(put);
      case Change.Delete<?, ?> delete -> delete(delete);
    };
  }

  private static <K, V> Row put(Change.Put<K, V> put) {
    return new Row(
        put.table().family(),
        put.table().keys().encode().apply(put.key()),
        put.table().values().encode().apply(put.value()));
  }

  private static <K, V> Row delete(Change.Delete<K, V> delete) {
    return new Row(
        delete.table().family(), delete.table().keys().encode().apply(delete.key()), null);
  }
}
