package dev.breakwater.testing;

import dev.breakwater.oci.ContentKind;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a path is about.
 *
 * @param kind the kind of content
 * @param repository the repository, or empty text
 * @param reference tag or digest, or empty text
 */
record Target(ContentKind kind, String repository, String reference) {
  private static final Target OTHER = new Target(ContentKind.OTHER, "", "");
  // Greedy: the last such word of the path counts, since a repository may be named "manifests".
  private static final Pattern DISTRIBUTION =
      Pattern.compile("/v2/(.+)/(manifests|blobs|tags|referrers)/([^/]+)");
  private static final Pattern CDN = Pattern.compile(Cdn.PREFIX + "([^/]+)");

  static Target of(Listener listener, String path) {
    if (path.equals(TokenServer.PATH) && listener != Listener.CDN) {
      return new Target(ContentKind.TOKEN, "", "");
    }
    return switch (listener) {
      case AUTH -> OTHER;
      case CDN -> {
        Matcher matcher = CDN.matcher(path);
        yield matcher.matches() ? new Target(ContentKind.BLOB, "", matcher.group(1)) : OTHER;
      }
      case REGISTRY -> distribution(path);
    };
  }

  private static Target distribution(String path) {
    Matcher matcher = DISTRIBUTION.matcher(path);
    if (!matcher.matches()) {
      return OTHER;
    }
    String repository = matcher.group(1);
    String last = matcher.group(3);
    return switch (matcher.group(2)) {
      case "manifests" -> new Target(ContentKind.MANIFEST, repository, last);
      case "blobs" -> new Target(ContentKind.BLOB, repository, last);
      case "referrers" -> new Target(ContentKind.REFERRERS, repository, last);
      default -> last.equals("list") ? new Target(ContentKind.TAGS, repository, "") : OTHER;
    };
  }
}
