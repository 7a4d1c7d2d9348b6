package dev.breakwater.gc;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import org.jspecify.annotations.Nullable;

/**
 * Numbers by the fingerprints of digests: a million take 32 MiB, and half of that while all the
 * numbers are 0. A fingerprint is 64 bits of a cryptographic hash, so that two digests with the
 * same one are not to be expected; where it happens all the same, a blob counts as another. Not
 * thread-safe.
 */
final class LongTable {
  private static final int FIRST = 1 << 10;
  private static final long MIX = 0x9e3779b97f4a7c15L;

  private long[] keys = new long[FIRST];

  /** Null while all are 0. */
  private long @Nullable [] values;

  private int size;

  /** Of a digest. */
  static long fingerprint(Digest digest) {
    // Zero marks a free place.
    long bits = Long.parseUnsignedLong(digest.hex(), 0, 16, 16);
    return bits == 0 ? 1 : bits;
  }

  /** Of a digest in a repository. */
  static long fingerprint(ZoneName zone, RepositoryName repository, Digest digest) {
    long place = zone.value().hashCode() * 31L + repository.value().hashCode();
    long bits = (place * MIX) ^ fingerprint(digest);
    return bits == 0 ? 1 : bits;
  }

  /** Whether there is a number for it. */
  boolean contains(long key) {
    return keys[place(keys, key)] == key;
  }

  /** The number; 0 if there is none. */
  long get(long key) {
    int place = place(keys, key);
    return keys[place] == key && values != null ? values[place] : 0;
  }

  /** Sets the number; true if there was none before. */
  boolean put(long key, long value) {
    if (size * 2 >= keys.length) {
      grow();
    }
    int place = place(keys, key);
    boolean isNew = keys[place] != key;
    keys[place] = key;
    if (value != 0 && values == null) {
      values = new long[keys.length];
    }
    if (values != null) {
      values[place] = value;
    }
    size += isNew ? 1 : 0;
    return isNew;
  }

  /** Puts it in without a number. */
  void add(long key) {
    put(key, 0);
  }

  int size() {
    return size;
  }

  private void grow() {
    long[] oldKeys = keys;
    long @Nullable [] oldValues = values;
    long @Nullable [] newValues = oldValues == null ? null : new long[oldKeys.length * 2];
    keys = new long[oldKeys.length * 2];
    values = newValues;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        int place = place(keys, oldKeys[i]);
        keys[place] = oldKeys[i];
        if (oldValues != null && newValues != null) {
          newValues[place] = oldValues[i];
        }
      }
    }
  }

  private static int place(long[] keys, long key) {
    int mask = keys.length - 1;
    int place = (int) ((key * MIX) >>> 32) & mask;
    while (keys[place] != 0 && keys[place] != key) {
      place = (place + 1) & mask;
    }
    return place;
  }
}
