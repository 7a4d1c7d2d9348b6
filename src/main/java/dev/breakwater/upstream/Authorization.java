package dev.breakwater.upstream;

/**
 * The value of an {@code Authorization} header.
 *
 * @param scheme {@code Bearer} or {@code Basic}
 * @param secret what proves it; never logged
 */
record Authorization(String scheme, String secret) {
  static Authorization bearer(String token) {
    return new Authorization("Bearer", token);
  }

  static Authorization basic(Credentials credentials) {
    return new Authorization("Basic", credentials.encoded());
  }

  boolean isBearer() {
    return scheme.equals("Bearer");
  }

  String header() {
    return scheme + ' ' + secret;
  }

  @Override
  public String toString() {
    return scheme + " [redacted]";
  }
}
