package dev.breakwater.testing;

import dev.breakwater.oci.Digest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Where blobs really lie: signed addresses, another one for every redirect, that end after some
 * uses or some time. Like S3 it refuses a request that carries {@code Authorization} beside the
 * signature, and one whose query was changed on the way. Safe for all threads.
 */
final class Cdn implements Site {
  /** What its paths begin with. */
  static final String PREFIX = "/blobs/";

  /** Escapes that a client must hand on as they are. */
  private static final String SIGNATURE = "signature=a%2Fb%2Bc%3D";

  private final Repositories repositories;
  private final String url;
  private final InstantSource clock;
  private final int uses;
  private final @Nullable Duration lifetime;
  private final boolean ranges;
  private final AtomicInteger tickets = new AtomicInteger();
  private final Map<String, Integer> used = new ConcurrentHashMap<>();

  /**
   * A CDN.
   *
   * @param uses how often an address may be used
   * @param lifetime how long it may be used, or null for ever
   * @param ranges whether ranges are served
   */
  Cdn(
      Repositories repositories,
      String url,
      InstantSource clock,
      int uses,
      @Nullable Duration lifetime,
      boolean ranges) {
    this.repositories = repositories;
    this.url = url;
    this.clock = clock;
    this.uses = uses;
    this.lifetime = lifetime;
    this.ranges = ranges;
  }

  /** A fresh address for a blob. */
  String urlOf(Digest digest) {
    long expires =
        lifetime == null ? Long.MAX_VALUE : clock.instant().plus(lifetime).toEpochMilli();
    return "%s%s%s?ticket=%d&expires=%d&%s"
        .formatted(url, PREFIX, digest, tickets.incrementAndGet(), expires, SIGNATURE);
  }

  @Override
  public Answer answer(IncomingRequest request, Target target) {
    if (request.headers().has("Authorization")) {
      return xml(400, "InvalidArgument", "Only one auth mechanism allowed");
    }
    if (!request.method().equals("GET") && !request.isHead()) {
      return xml(405, "MethodNotAllowed", "Only GET and HEAD");
    }
    Optional<Content> blob = repositories.blob(target.reference());
    if (blob.isEmpty()) {
      return xml(404, "NoSuchKey", "The specified key does not exist.");
    }
    if (!isValid(request)) {
      return xml(403, "AccessDenied", "Request has expired");
    }
    return RegistrySite.bytes(request, blob.get(), ranges).withoutHeader("Docker-Content-Digest");
  }

  private boolean isValid(IncomingRequest request) {
    if (!request.query().endsWith("&" + SIGNATURE)) {
      return false;
    }
    Map<String, List<String>> query = request.queryParameters();
    String expires = query.getOrDefault("expires", List.of("")).getFirst();
    String ticket = query.getOrDefault("ticket", List.of("")).getFirst();
    if (expires.isEmpty() || ticket.isEmpty()) {
      return false;
    }
    if (uses != Integer.MAX_VALUE && used.merge(ticket, 1, Integer::sum) > uses) {
      return false;
    }
    return expires.matches("[0-9]{1,19}") && clock.millis() < Long.parseLong(expires);
  }

  private static Answer xml(int status, String code, String message) {
    return Answer.of(
        status,
        "application/xml",
        "<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>");
  }
}
