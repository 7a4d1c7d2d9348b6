package dev.breakwater.oci;

import java.util.Locale;

/** What can be done with a repository, in the words of scopes (distribution, auth/scope). */
public enum Action {
  /** Read its manifests, blobs, tags and referrers. */
  PULL,
  /** Write manifests, tags and blobs. */
  PUSH,
  /** Delete manifests, tags and blobs. */
  DELETE;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** The word in a scope. */
  public String word() {
    return word;
  }
}
