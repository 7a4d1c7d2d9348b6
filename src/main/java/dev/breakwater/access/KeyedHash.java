package dev.breakwater.access;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * Hashes texts with a key that others do not have, so that tables can be kept by secrets without
 * keeping the secrets. Thread-safe.
 */
final class KeyedHash {
  private static final String ALGORITHM = "HmacSHA256";

  /**
   * The hash of some texts; of others it is another one.
   *
   * @param first the first half of its 128 bits
   * @param second the other half
   */
  record Value(long first, long second) {}

  /** Making one costs more than using it. */
  private final ThreadLocal<Mac> macs;

  /** With a new key. */
  KeyedHash() {
    this(random());
  }

  /** With a key of the caller's. */
  KeyedHash(byte[] key) {
    SecretKey secret = new SecretKeySpec(key, ALGORITHM);
    macs = ThreadLocal.withInitial(() -> mac(secret));
  }

  private static Mac mac(SecretKey key) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  private static byte[] random() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  /** Each text goes in with its length, so that none can take part of its neighbour. */
  Value of(String... texts) {
    Mac mac = macs.get();
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
      mac.update(bytes);
    }
    ByteBuffer hash = ByteBuffer.wrap(mac.doFinal());
    return new Value(hash.getLong(), hash.getLong());
  }
}
