package dev.breakwater.admin;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a browser sends a request on behalf of a page of another site, by the rule of Go's {@code
 * http.CrossOriginProtection}: browsers say so in {@code Sec-Fetch-Site}, older ones name the
 * page's {@code Origin}, and other programs send neither. What only reads is never refused.
 */
final class CrossOrigin {
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");
  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  private CrossOrigin() {}

  /**
   * Whether the request is to be refused.
   *
   * @param fetchSite the field {@code Sec-Fetch-Site}, or null
   * @param origin the field {@code Origin}, or null
   * @param host the field {@code Host}, with its port
   */
  static boolean isRefused(
      String method, @Nullable String fetchSite, @Nullable String origin, String host) {
    if (SAFE.contains(method)) {
      return false;
    }
    if (fetchSite != null && !fetchSite.isEmpty()) {
      return !OWN_SITE.contains(fetchSite);
    }
    return origin != null && !origin.isEmpty() && !isOriginOf(origin, host);
  }

  /** {@code null}, as pages without an origin send it, is the origin of no host. */
  private static boolean isOriginOf(String origin, String host) {
    int authority = origin.indexOf("://");
    return authority > 0
        && !host.isEmpty()
        && origin.substring(authority + 3).equalsIgnoreCase(host);
  }
}
