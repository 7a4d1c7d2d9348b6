package dev.breakwater.index;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The column families, one for each kind of fact. */
enum Family {
  /** What the index says of itself: format version, whether it was rebuilt. */
  META,
  BLOBS,
  MANIFESTS,
  TAGS,
  LINKS,
  REFERRERS,
  USAGE,
  VISIBILITY;

  /** The name on disk. */
  byte[] nameOnDisk() {
    return name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
  }
}
