package dev.breakwater.testing;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Chooses requests: for a fault, for counting, for waiting. Immutable; each step narrows it.
 *
 * <pre>{@code
 * manifest("library/nginx", "1.27").get()
 * blobBytes(layer.digest()).rangeFrom(5000)
 * any().on(Listener.CDN)
 * }</pre>
 *
 * <p>Manifests, blobs, tags and referrers mean requests whose credentials suffice; the round that
 * is answered with a challenge is chosen by {@link #challenged} and by {@link #any} only, so that
 * "the first blob request" is the same one with and without authentication.
 */
public final class RequestMatcher {
  private final String name;
  private final Predicate<SeenRequest> test;

  private RequestMatcher(String name, Predicate<SeenRequest> test) {
    this.name = name;
    this.test = test;
  }

  /** Every request, to every listener, admitted or not. */
  public static RequestMatcher any() {
    return new RequestMatcher("any request", request -> true);
  }

  /** Requests that lack credentials and are to be answered 401. */
  public static RequestMatcher challenged() {
    return new RequestMatcher("challenged", SeenRequest::challenged);
  }

  /** Pings of {@code /v2/}, admitted or not. */
  public static RequestMatcher ping() {
    return new RequestMatcher("ping", r -> r.path().equals("/v2/"));
  }

  /** Requests for tokens. */
  public static RequestMatcher token() {
    return new RequestMatcher("token", r -> r.kind() == ContentKind.TOKEN);
  }

  /** Manifests. */
  public static RequestMatcher manifest() {
    return admitted(ContentKind.MANIFEST);
  }

  /** A manifest by tag or digest. */
  public static RequestMatcher manifest(String repository, String reference) {
    return manifest().repository(repository).reference(reference);
  }

  /** Blobs, at the registry and at the CDN. */
  public static RequestMatcher blob() {
    return admitted(ContentKind.BLOB);
  }

  /** A blob, at the registry and at the CDN. */
  public static RequestMatcher blob(Digest digest) {
    return blob().reference(digest.toString());
  }

  /** GETs that are answered with bytes of a blob, wherever redirects lead to. */
  public static RequestMatcher blobBytes() {
    return blob()
        .get()
        .and("with bytes", r -> r.plannedStatus() == 200 || r.plannedStatus() == 206);
  }

  /** GETs that are answered with bytes of that blob, wherever redirects lead to. */
  public static RequestMatcher blobBytes(Digest digest) {
    return blobBytes().reference(digest.toString());
  }

  /** Lists of tags. */
  public static RequestMatcher tags() {
    return admitted(ContentKind.TAGS);
  }

  /** Listings of referrers. */
  public static RequestMatcher referrers() {
    return admitted(ContentKind.REFERRERS);
  }

  private static RequestMatcher admitted(ContentKind kind) {
    return new RequestMatcher(kind.label(), r -> r.kind() == kind && !r.challenged());
  }

  /** Only what that listener gets. */
  public RequestMatcher on(Listener listener) {
    return and("on " + listener, r -> r.listener() == listener);
  }

  /** Only that method. */
  public RequestMatcher method(String method) {
    return and(method, r -> r.method().equals(method));
  }

  /** Only GET. */
  public RequestMatcher get() {
    return method("GET");
  }

  /** Only HEAD. */
  public RequestMatcher head() {
    return method("HEAD");
  }

  /** Only that repository. */
  public RequestMatcher repository(String repository) {
    return and("in " + repository, r -> r.repository().equals(repository));
  }

  /** Only that tag or digest. */
  public RequestMatcher reference(String reference) {
    return and(reference, r -> r.reference().equals(reference));
  }

  /** Only that path, without query. */
  public RequestMatcher path(String path) {
    return and(path, r -> r.path().equals(path));
  }

  /** Only paths that match as a whole. */
  public RequestMatcher pathMatching(String regex) {
    Pattern pattern = Pattern.compile(regex);
    return and(regex, r -> pattern.matcher(r.path()).matches());
  }

  /** Only those with a {@code Range}. */
  public RequestMatcher ranged() {
    return and("ranged", r -> r.range().isPresent());
  }

  /** Only those without a {@code Range}. */
  public RequestMatcher unranged() {
    return and("unranged", r -> r.range().isEmpty());
  }

  /** Only those whose range begins there. */
  public RequestMatcher rangeFrom(long first) {
    return and(
        "from " + first,
        r -> r.range().filter(v -> v.startsWith("bytes=" + first + "-")).isPresent());
  }

  /** Only what passes a test of one's own. */
  public RequestMatcher and(String what, Predicate<SeenRequest> more) {
    return new RequestMatcher(name + " " + what, test.and(more));
  }

  /** Whether it chooses that one. */
  public boolean matches(SeenRequest request) {
    return test.test(request);
  }

  @Override
  public String toString() {
    return name;
  }
}
