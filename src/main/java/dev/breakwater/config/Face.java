package dev.breakwater.config;

/** What a listener is for its clients. */
public enum Face {
  /** A mirror: it never challenges, for dockerd would answer with Docker Hub's credentials. */
  MIRROR,
  /** A registry of its own, with logins and pushes. */
  REGISTRY,
  /** Both on one port. */
  BOTH;

  /** Whether hosts may be pointed here as their mirror. */
  public boolean mirrors() {
    return this != REGISTRY;
  }
}
