package dev.breakwater.index;

/**
 * One change to the index, made by {@link Table#put} or {@link Table#delete}; several are applied
 * together or not at all.
 */
public sealed interface Change {
  /** What is changed. */
  Table<?, ?> table();

  /** Which of its facts. */
  Object key();

  /** This is the fact now. */
  record Put<K, V>(Table<K, V> table, K key, V value) implements Change {}

  /** There is no such fact any more. */
  record Delete<K, V>(Table<K, V> table, K key) implements Change {}
}
