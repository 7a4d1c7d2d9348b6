package dev.breakwater.index;

import java.util.Optional;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One kind of fact: where and how it lies on disk, and how much of it {@link CachedIndex} keeps in
 * memory. All of them are constants of {@link Tables}. Immutable; two tables are equal only if they
 * are the same object.
 *
 * @param <K> what a fact is found by; two keys are equal if their bytes on disk are
 * @param <V> the fact
 */
public final class Table<K, V> {
  private final String name;
  private final Family family;
  private final KeyCodec<K> keys;
  private final ValueCodec<? super K, V> values;
  private final Optional<Caching<V>> caching;

  /**
   * How much is kept in memory.
   *
   * @param most how many facts; or how many bytes together, if a length is given
   * @param length of a fact in bytes; null if facts are counted
   */
  record Caching<V>(long most, @Nullable ToIntFunction<V> length) {
    /** A fact longer than this is not kept. */
    static final int LONGEST = 1 << 20;

    static <V> Optional<Caching<V>> facts(int most) {
      return Optional.of(new Caching<>(most, null));
    }

    static <V> Optional<Caching<V>> bytes(long most, ToIntFunction<V> length) {
      return Optional.of(new Caching<>(most, length));
    }
  }

  Table(
      String name,
      Family family,
      KeyCodec<K> keys,
      ValueCodec<? super K, V> values,
      Optional<Caching<V>> caching) {
    this.name = name;
    this.family = family;
    this.keys = keys;
    this.values = values;
    this.caching = caching;
  }

  /** The change that makes this the fact under the key. */
  public Change put(K key, V value) {
    return new Change.Put<>(this, key, value);
  }

  /** The change that leaves no fact under the key. */
  public Change delete(K key) {
    return new Change.Delete<>(this, key);
  }

  Family family() {
    return family;
  }

  KeyCodec<K> keys() {
    return keys;
  }

  ValueCodec<? super K, V> values() {
    return values;
  }

  /** Empty if every read goes to the index. */
  Optional<Caching<V>> caching() {
    return caching;
  }

  /** Its name, as in the statistics of caches. */
  @Override
  public String toString() {
    return name;
  }
}
