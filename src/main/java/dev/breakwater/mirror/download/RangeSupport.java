package dev.breakwater.mirror.download;

import dev.breakwater.upstream.UpstreamException;

/**
 * What one attempt has seen of how upstream answers requests with a Range. Confined to the
 * download's context.
 */
final class RangeSupport {
  /*
   * An upstream may send whole blobs and fail on every range. Nothing that has come may then keep
   * the rest from coming: after MOST_FAULTS requests in a row that failed in a way which the Range
   * may have caused, or at once when there is nothing to lose, the blob is fetched whole by one
   * request without a Range, and what is here already is skipped. The digest decides whether the
   * two fit together. Where upstream answers a Range with the whole blob, that answer is used in
   * the same way, unless others bring their ranges. When a whole transfer breaks, one more range is
   * tried before the next: where ranges fail only sometimes nothing is fetched twice.
   */

  private static final int MOST_FAULTS = 4;
  private static final int NOT_IMPLEMENTED = 501;

  private int faults;
  private boolean whole;

  /** Whether the blob is fetched by one request without a Range. */
  boolean isWhole() {
    return whole;
  }

  /** From now on the blob is fetched by one request without a Range. */
  void fetchWhole() {
    whole = true;
  }

  /** Bytes have come, by a request with a Range or without. */
  void arrived(boolean ranged) {
    if (ranged) {
      faults = 0;
    }
  }

  /** Counts the failure of this segment if the Range may be its cause, and says whether it may. */
  boolean mayHaveFailed(Segment segment, UpstreamException cause) {
    boolean mayBe = segment.isRanged() && !segment.hasBegun() && mayMeanTheRange(cause);
    if (mayBe) {
      faults++;
    }
    return mayBe;
  }

  /** How many requests in a row have failed in a way that the Range may have caused. */
  int faults() {
    return faults;
  }

  /** Whether no further Range is to be tried. */
  boolean isExhausted() {
    return faults >= MOST_FAULTS;
  }

  /** A transfer has broken: if it was a whole one, one Range is tried before the next. */
  void tryOneRange() {
    if (whole) {
      whole = false;
      faults = MOST_FAULTS - 1;
    }
  }

  /** 416 and what else comes of a Range that is not understood or not allowed. */
  private static boolean mayMeanTheRange(UpstreamException cause) {
    return switch (cause.outcome()) {
      case REFUSED, INVALID, DENIED, UNAUTHORIZED, NOT_FOUND -> true;
      case SERVER_ERROR -> cause.status() == NOT_IMPLEMENTED;
      default -> false;
    };
  }
}
