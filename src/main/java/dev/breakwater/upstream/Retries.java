package dev.breakwater.upstream;

/**
 * How often in a row each hop of a call has failed. A failure at one hop says that the hops before
 * it answered, so their rows end: a call through three hops that each fail now and then still gets
 * through.
 */
record Retries(int token, int registry, int content, int all) {
  static final Retries NONE = new Retries(0, 0, 0, 0);

  /** How often in a row a hop is asked again. */
  private static final int IN_A_ROW = 3;

  /** How often at the most a call is made again, whichever hops fail. */
  private static final int IN_ALL = 12;

  /** One failure more. */
  Retries after(UpstreamException failure) {
    return switch (failure.hop()) {
      case TOKEN -> new Retries(token + 1, registry, content, all + 1);
      case REGISTRY -> new Retries(0, registry + 1, content, all + 1);
      case CONTENT -> new Retries(0, 0, content + 1, all + 1);
    };
  }

  /** Whether the call may be made again after that failure, which is counted already. */
  boolean allow(UpstreamException failure) {
    int most =
        switch (failure.prospect()) {
          case PASSING -> IN_A_ROW;
          case ONCE_MORE -> 1;
          case FINAL, NOT_ASKED -> 0;
        };
    return most > 0 && inARow(failure.hop()) <= most && all <= IN_ALL;
  }

  /** How often in a row that hop has failed. */
  int inARow(Hop hop) {
    return switch (hop) {
      case TOKEN -> token;
      case REGISTRY -> registry;
      case CONTENT -> content;
    };
  }
}
