package dev.breakwater.upstream;

import io.vertx.core.http.HttpMethod;
import java.util.Optional;

/**
 * What is asked of an endpoint.
 *
 * @param method GET or HEAD: nothing here changes anything upstream
 * @param path path and query, from {@code /v2/} on
 * @param accept the types we can take
 * @param range the value of a {@code Range} header
 */
record Question(HttpMethod method, String path, String accept, Optional<String> range) {
  static Question head(String path, String accept) {
    return new Question(HttpMethod.HEAD, path, accept, Optional.empty());
  }

  static Question get(String path, String accept) {
    return new Question(HttpMethod.GET, path, accept, Optional.empty());
  }
}
