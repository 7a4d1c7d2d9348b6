package dev.breakwater.oci;

import java.util.Locale;

/** What a request is about; a metric label. */
public enum ContentKind {
  /** Manifests and indexes. */
  MANIFEST,
  /** Configs and layers. */
  BLOB,
  /** Listings of referring manifests. */
  REFERRERS,
  /** Tag lists. */
  TAGS,
  /** Tokens of an authorization server. */
  TOKEN,
  /** Everything else, such as the ping of {@code /v2/}. */
  OTHER;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The lower-case name. */
  public String label() {
    return label;
  }
}
