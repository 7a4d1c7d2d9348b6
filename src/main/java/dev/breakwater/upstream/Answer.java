package dev.breakwater.upstream;

import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.Quoted;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The final answer to a request: its head is here, its body is paused and must be read, discarded
 * or aborted.
 *
 * @param attempt what it answers
 * @param response the head, and the body to come
 * @param target who gave it, at the end of the redirects
 * @param foreign whether another origin than the registry gave it, such as a CDN
 * @param sent what authorized the request, not to be repeated in messages
 */
record Answer(
    Attempt attempt,
    HttpClientResponse response,
    Target target,
    boolean foreign,
    Optional<Authorization> sent) {

  int status() {
    return response.statusCode();
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(response.getHeader(name));
  }

  List<String> headers(String name) {
    return response.headers().getAll(name);
  }

  /** The announced length; Netty has refused negative, malformed and contradicting ones. */
  OptionalLong contentLength() {
    Optional<String> text = header("Content-Length").map(String::strip);
    return text.isPresent() && text.get().matches("[0-9]{1,18}")
        ? OptionalLong.of(Long.parseLong(text.get()))
        : OptionalLong.empty();
  }

  Optional<MediaType> mediaType() {
    return header("Content-Type").map(MediaType::parse).filter(type -> !type.value().isEmpty());
  }

  /** Whether there is a body at all: the headers of an answer to HEAD speak of another one. */
  boolean hasBody() {
    return !response.request().getMethod().equals(HttpMethod.HEAD);
  }

  /** Whether it is a page for people: a captive portal, an error page under a 200. */
  boolean isPage() {
    return mediaType()
        .filter(
            type ->
                type.value().equals("text/html") || type.value().equals("application/xhtml+xml"))
        .isPresent();
  }

  /** Whether the body is something else than the bytes that digests are computed of. */
  boolean isEncoded() {
    return headers("Content-Encoding").stream()
        .anyMatch(coding -> !coding.strip().equalsIgnoreCase("identity"));
  }

  /** Closes the connection, and tells why. */
  UpstreamException refuse(UpstreamOutcome outcome, String reason) {
    abort();
    return attempt.failure(outcome, reason);
  }

  /** Closes the connection, and tells which rule or limit of ours it breaks. */
  UpstreamException refuse(String reason) {
    abort();
    return attempt.refusal(reason);
  }

  /** Closes the connection instead of reading what comes. */
  void abort() {
    response.request().reset();
    // What is buffered already must flow off: a connection that is reset while its body is paused
    // may go back to the pool paused, and the next request on it would never be answered.
    response.resume();
  }

  /** Who answered, if it was not the one asked: a suffix for messages. */
  String source() {
    return foreign ? ", redirected to " + Quoted.escape(target.origin().authority()) : "";
  }
}
