package dev.breakwater.upstream;

import dev.breakwater.oci.Digest;
import io.vertx.core.http.HttpMethod;
import java.util.Optional;

/**
 * What is asked of an endpoint.
 *
 * @param method GET or HEAD: nothing here changes anything upstream
 * @param path path and query, from {@code /v2/} on
 * @param accept the types we can take
 * @param range the value of a {@code Range} header
 * @param known the content that is here already, for an {@code If-None-Match} header
 */
record Question(
    HttpMethod method, String path, String accept, Optional<String> range, Optional<Digest> known) {
  static Question head(String path, String accept) {
    return new Question(HttpMethod.HEAD, path, accept, Optional.empty(), Optional.empty());
  }

  static Question get(String path, String accept) {
    return new Question(HttpMethod.GET, path, accept, Optional.empty(), Optional.empty());
  }

  /** The same, to be answered with 304 if that is what it leads to. */
  Question unless(Optional<Digest> held) {
    return new Question(method, path, accept, range, held);
  }
}
