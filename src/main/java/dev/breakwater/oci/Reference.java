package dev.breakwater.oci;

/**
 * What a manifest is asked by: a {@link Tag} that may move, or a {@link Digest} that never does.
 */
public sealed interface Reference permits Tag, Digest {
  /**
   * Reads the last segment of a manifest's path; a colon makes it a digest, since no tag has one.
   *
   * @throws RegistryException {@code DIGEST_INVALID} or {@code TAG_INVALID}
   */
  static Reference parse(String text) {
    return text.indexOf(':') >= 0 ? Digest.parse(text) : Tag.parse(text);
  }
}
