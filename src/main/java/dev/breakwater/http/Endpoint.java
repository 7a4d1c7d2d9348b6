package dev.breakwater.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.List;

/**
 * One resource of the distribution API. One object per event loop, confined to it.
 *
 * @param <T> what a request names: a {@link Target}, or the resource itself where it is in no
 *     repository
 */
interface Endpoint<T> {
  /** The methods of a resource that can only be read. */
  List<HttpMethod> READ_ONLY = List.of(HttpMethod.GET, HttpMethod.HEAD);

  /** The methods that are answered, in the order of {@code Allow}; others get 405. */
  default List<HttpMethod> methods() {
    return READ_ONLY;
  }

  /**
   * Answers a request with one of these methods. An endpoint that takes a body reads it to its end
   * before it answers, or fails: after a failure what is left of the body is discarded.
   *
   * @return completes when the answer has left; fails with what the one error responder must turn
   *     into an answer, or with {@link ClientLeftException}
   */
  Future<Void> answer(Exchange exchange, T target);
}
