package dev.breakwater.config;

/** What becomes of a cached tag that its upstream has deleted. */
public enum DeletedTags {
  /** It is served on. */
  KEEP,
  /** It is forgotten: clients are told that it is not there. */
  DROP
}
