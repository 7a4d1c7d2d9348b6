package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.util.Optional;

/** The keys of {@link ConfigKeys} that limit the requests to an upstream. */
final class RequestLimitKeys {
  static final ConfigKey<Integer> BLOBS =
      ConfigKey.of(
          "upstreams.*.maxBlobRequests",
          "4 to 1000",
          "128",
          "How many requests for blobs this registry gets at once, each on a connection of its own;"
              + " a large blob takes up to cache.segments of them. The others wait.",
          text -> number(text, 4));
  static final ConfigKey<Integer> OTHERS =
      ConfigKey.of(
          "upstreams.*.maxRequests",
          "1 to 1000",
          "64",
          "The same for all other requests: manifests, tags, referrers.",
          text -> number(text, 1));

  static final ConfigKey<Optional<RequestRate>> RATE =
      ConfigKey.of(
          "upstreams.*.requestRate",
          "off | number/s, /m or /h",
          "off",
          "How many requests this registry gets within any second, minute or hour, its mirrors and"
              + " token servers included, such as 20/s. The others wait, as for maxRequests.",
          RequestRate::parse);

  private static final int MOST = 1000;

  private RequestLimitKeys() {}

  private static int number(String text, int least) {
    if (text.matches("[1-9][0-9]{0,3}")) {
      int number = Integer.parseInt(text);
      if (number >= least && number <= MOST) {
        return number;
      }
    }
    throw new IllegalArgumentException(
        Quoted.of(text) + " is not a number from " + least + " to " + MOST);
  }
}
