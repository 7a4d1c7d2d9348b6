package dev.breakwater.index;

/** In place of a name, in the key of a fact about a repository as a whole: it has one of each. */
public enum WholeRepository {
  /** The repository. */
  ALL
}
