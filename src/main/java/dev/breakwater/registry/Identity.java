package dev.breakwater.registry;

/**
 * In whose name a request is made.
 *
 * @param user the name of the user; empty if the client has not logged in
 */
public record Identity(String user) {
  /** A client that has not logged in. */
  public static final Identity ANONYMOUS = new Identity("");
}
