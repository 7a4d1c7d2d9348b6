package dev.breakwater.upstream;

import dev.breakwater.oci.Quoted;
import java.util.Optional;

/**
 * Which redirects are followed: http(s) only, never from https to http, no user info. What leads
 * where it must not by its address is {@link AddressGuard}'s to refuse. Messages name the place
 * without its query, which may be a signature.
 */
final class RedirectPolicy {
  /** How many redirects one request may take. */
  static final int MAX_HOPS = 5;

  private RedirectPolicy() {}

  /** Whether the status asks to look elsewhere. */
  static boolean isRedirect(int status) {
    return switch (status) {
      case 301, 302, 303, 307, 308 -> true;
      default -> false;
    };
  }

  /** Where a redirect leads; throws {@link UpstreamOutcome#INVALID} if it is not followed. */
  static Target next(Attempt attempt, Target current, Optional<String> location, int hops) {
    if (hops >= MAX_HOPS) {
      throw invalid(attempt, "it redirects more than " + MAX_HOPS + " times");
    }
    Target next =
        location
            .flatMap(current::resolve)
            .orElseThrow(() -> invalid(attempt, "it redirects to an invalid address"));
    if (current.origin().isTls() && !next.origin().isTls()) {
      throw invalid(
          attempt, "it redirects from https to http, to " + Quoted.of(next.origin().host()));
    }
    return next;
  }

  private static UpstreamException invalid(Attempt attempt, String reason) {
    return attempt.refusal(reason);
  }
}
