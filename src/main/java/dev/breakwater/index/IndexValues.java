package dev.breakwater.index;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.Tag;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The encoding of values: the one class that knows it. What it cannot read, because a newer version
 * wrote it or because it is damaged, counts as absent; the first time is logged. Thread-safe.
 */
final class IndexValues {
  /*
   *   blob        1 size storedAt
   *   link        1 size mediaType
   *   tag         1 digest size checkedAt mediaType
   *   manifest    1 mediaType bytes…
   *   referrers   1 filtered checkedAt bytes…
   *   usage       1 lastUse uses (in thousandths)
   *   visibility  1 isPublic checkedAt evidence
   *
   * The first byte is the version of the record. Numbers are zigzag varints: seven bits a byte, low
   * bits first, so that -1 and small sizes take one byte. A text is its number of characters and
   * then each character as a varint: one byte for ASCII, and any Java string comes back unchanged.
   */

  private static final byte VERSION = 1;
  private static final double THOUSANDTHS = 1000;
  private static final Logger log = LoggerFactory.getLogger(IndexValues.class);

  static final ValueCodec<Object, BlobRecord> BLOB =
      new ValueCodec<>(
          blob -> {
            ByteArrayOutputStream out = begin(16);
            putNumber(out, blob.size());
            putNumber(out, blob.storedAt());
            return out.toByteArray();
          },
          (key, in) -> new BlobRecord(number(in), number(in)));

  static final ValueCodec<Object, LinkRecord> LINK =
      new ValueCodec<>(
          link -> {
            ByteArrayOutputStream out = begin(80);
            putNumber(out, link.size());
            putText(out, link.mediaType().value());
            return out.toByteArray();
          },
          (key, in) -> {
            long size = number(in);
            return new LinkRecord(new MediaType(text(in)), size);
          });

  static final ValueCodec<Object, TagRecord> TAG =
      new ValueCodec<>(
          tag -> {
            ByteArrayOutputStream out = begin(128);
            out.writeBytes(IndexKeys.digest(tag.digest()));
            putNumber(out, tag.size());
            putNumber(out, tag.checkedAt());
            putText(out, tag.mediaType().value());
            return out.toByteArray();
          },
          (key, in) -> {
            Digest digest = IndexKeys.readDigest(in).orElseThrow(BufferUnderflowException::new);
            long size = number(in);
            long checkedAt = number(in);
            return new TagRecord(digest, new MediaType(text(in)), size, checkedAt);
          });

  /** The digest stands in the key. */
  static final ValueCodec<InRepository<Digest>, Manifest> MANIFEST =
      new ValueCodec<>(
          manifest -> {
            ByteArrayOutputStream out = begin(80 + manifest.size());
            putText(out, manifest.mediaType().value());
            out.writeBytes(manifest.bytes());
            return out.toByteArray();
          },
          (key, in) -> new Manifest(key.name(), new MediaType(text(in)), rest(in)));

  static final ValueCodec<Object, ReferrersRecord> REFERRERS =
      new ValueCodec<>(
          referrers -> {
            ByteArrayOutputStream out = begin(16 + referrers.index().length);
            out.write(referrers.filtered() ? 1 : 0);
            putNumber(out, referrers.checkedAt());
            out.writeBytes(referrers.index());
            return out.toByteArray();
          },
          (key, in) -> {
            boolean filtered = in.get() != 0;
            long checkedAt = number(in);
            return new ReferrersRecord(rest(in), filtered, checkedAt);
          });

  static final ValueCodec<Object, UsageRecord> USAGE =
      new ValueCodec<>(
          usage -> {
            ByteArrayOutputStream out = begin(16);
            putNumber(out, usage.lastUse());
            putNumber(out, Math.round(usage.uses() * THOUSANDTHS));
            return out.toByteArray();
          },
          (key, in) -> new UsageRecord(number(in), number(in) / THOUSANDTHS));

  static final ValueCodec<Object, VisibilityRecord> VISIBILITY =
      new ValueCodec<>(
          visibility -> {
            ByteArrayOutputStream out = begin(96);
            out.write(visibility.isPublic() ? 1 : 0);
            putNumber(out, visibility.checkedAt());
            putText(out, visibility.evidence().map(Object::toString).orElse(""));
            return out.toByteArray();
          },
          (key, in) -> {
            boolean isPublic = in.get() == 1;
            long checkedAt = number(in);
            return new VisibilityRecord(isPublic, reference(text(in)), checkedAt);
          });

  private final AtomicBoolean reported = new AtomicBoolean();

  /** The characters without their number, for the end of a key: as unambiguous as a text. */
  static byte[] charactersOf(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
    putCharacters(out, text);
    return out.toByteArray();
  }

  /** What {@link #charactersOf} made, to the end of the buffer. */
  static String characters(ByteBuffer in) {
    StringBuilder text = new StringBuilder();
    while (in.hasRemaining()) {
      text.append((char) varint(in));
    }
    return text.toString();
  }

  /** The fact under a key of the table; empty if it is damaged or of another version. */
  <K, V> Optional<V> read(Table<K, V> table, K key, byte[] value) {
    if (value.length == 0 || value[0] != VERSION) {
      report(table, value.length == 0 ? "empty" : "of version " + value[0]);
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(value, 1, value.length - 1);
    try {
      V fact = table.values().decode().apply(key, in);
      if (!in.hasRemaining()) {
        return Optional.of(fact);
      }
    } catch (BufferUnderflowException e) {
      log.debug("a record of {} of {} bytes ends too early", table, value.length, e);
    }
    report(table, "damaged");
    return Optional.empty();
  }

  private void report(Table<?, ?> table, String fault) {
    if (reported.compareAndSet(false, true)) {
      log.warn(
          "index: a record of {} is {} and counts as absent; further ones are not logged",
          table,
          fault);
    }
  }

  private static ByteArrayOutputStream begin(int expectedLength) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(expectedLength);
    out.write(VERSION);
    return out;
  }

  private static void putNumber(ByteArrayOutputStream out, long number) {
    putVarint(out, (number << 1) ^ (number >> 63));
  }

  private static long number(ByteBuffer in) {
    long zigzag = varint(in);
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  private static void putText(ByteArrayOutputStream out, String text) {
    putVarint(out, text.length());
    putCharacters(out, text);
  }

  private static void putCharacters(ByteArrayOutputStream out, String text) {
    for (int i = 0; i < text.length(); i++) {
      putVarint(out, text.charAt(i));
    }
  }

  private static String text(ByteBuffer in) {
    long length = varint(in);
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    StringBuilder text = new StringBuilder((int) length);
    for (long i = 0; i < length; i++) {
      text.append((char) varint(in));
    }
    return text.toString();
  }

  /** A tag or digest, or nothing where the text is empty. */
  private static Optional<Reference> reference(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<Digest> digest = Digest.tryParse(text);
    if (digest.isEmpty() && !Tag.isValid(text)) {
      throw new BufferUnderflowException();
    }
    return Optional.of(digest.isPresent() ? digest.get() : new Tag(text));
  }

  private static byte[] rest(ByteBuffer in) {
    byte[] bytes = new byte[in.remaining()];
    in.get(bytes);
    return bytes;
  }

  private static void putVarint(ByteArrayOutputStream out, long bits) {
    long left = bits;
    while ((left & ~0x7fL) != 0) {
      out.write((int) (left & 0x7f) | 0x80);
      left >>>= 7;
    }
    out.write((int) left);
  }

  private static long varint(ByteBuffer in) {
    long bits = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = in.get();
      bits |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return bits;
      }
    }
    // Ten bytes and still no end: no number of ours.
    throw new BufferUnderflowException();
  }
}
