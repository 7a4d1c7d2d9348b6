package dev.breakwater.testing;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Docker Hub's pull limit: every identity has so many GETs of manifests, HEAD is free, and both
 * tell what is left. The window never passes by itself; tests call {@link #reset}. Safe for all
 * threads.
 */
final class PullLimit {
  /** The body of Docker Hub's refusal. */
  static final String BODY =
      JsonText.error(
          "TOOMANYREQUESTS",
          "You have reached your pull rate limit. You may increase the limit by authenticating and"
              + " upgrading: https://www.docker.com/increase-rate-limit");

  private final int limit;
  private final Duration window;
  private final @Nullable Duration retryAfter;
  private final Map<String, Integer> used = new HashMap<>();

  PullLimit(int limit, Duration window, @Nullable Duration retryAfter) {
    this.limit = limit;
    this.window = window;
    this.retryAfter = retryAfter;
  }

  /** Counts a request for a manifest and gives the refusal if it was one too many. */
  synchronized Optional<Answer> refusal(String identity, boolean counted) {
    int before = used.getOrDefault(identity, 0);
    if (!counted || before < limit) {
      used.put(identity, counted ? before + 1 : before);
      return Optional.empty();
    }
    Answer answer = Answer.of(429, "application/json", BODY);
    if (retryAfter != null) {
      answer.header("Retry-After", String.valueOf(retryAfter.toSeconds()));
    }
    return Optional.of(tell(answer, identity));
  }

  /** States limit and remainder. */
  synchronized Answer tell(Answer answer, String identity) {
    String suffix = ";w=" + window.toSeconds();
    int remaining = limit - used.getOrDefault(identity, 0);
    return answer
        .header("ratelimit-limit", limit + suffix)
        .header("ratelimit-remaining", remaining + suffix)
        .header("docker-ratelimit-source", identity);
  }

  /** Says how many are left to that identity. */
  synchronized void remaining(String identity, int count) {
    used.put(identity, limit - count);
  }

  /** Begins a new window for all clients. */
  synchronized void reset() {
    used.clear();
  }
}
