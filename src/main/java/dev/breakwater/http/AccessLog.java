package dev.breakwater.http;

import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.CacheResult;
import io.vertx.core.http.HttpMethod;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One line in the logger {@code access} for each request, and its metrics. The line's facts are
 * key-value pairs, so that a text layout ({@code %kvp}) and a JSON one both carry them.
 */
final class AccessLog {
  /** The status written for a client that left before its answer began, as nginx has it. */
  private static final int CLIENT_LEFT = 499;

  private static final Logger LOG = LoggerFactory.getLogger("access");

  private final Metrics metrics;

  AccessLog(Metrics metrics) {
    this.metrics = metrics;
  }

  /** An answer has ended: whole, cut short, or because the client left in the middle of it. */
  void ended(Exchange exchange) {
    int status = exchange.response().getStatusCode();
    metrics.requestEnded(
        exchange.upstream(),
        exchange.kind(),
        method(exchange),
        exchange.result(),
        status,
        exchange.secondsSoFar());
    metrics.firstByte(exchange.kind(), exchange.result(), exchange.secondsToFirstByte());
    if (exchange.bytes() > 0 && status < 400) {
      metrics.served(exchange.upstream(), exchange.kind(), source(exchange), exchange.bytes());
    }
    exchange.cause().ifPresent(metrics.failures()::failed);
    write(exchange, status);
  }

  /** The client left before there was an answer, which is no error. */
  void left(Exchange exchange) {
    exchange.cause().ifPresent(metrics.failures()::failed);
    write(exchange, CLIENT_LEFT);
  }

  private static Metrics.Source source(Exchange exchange) {
    return exchange.result() == CacheResult.MISS || exchange.result() == CacheResult.COLLAPSED
        ? Metrics.Source.STREAM
        : Metrics.Source.CACHE;
  }

  /** A label must be one of few words, whatever clients send. */
  private static String method(Exchange exchange) {
    HttpMethod method = exchange.request().method();
    return FrontFilter.isKnown(method) ? method.name() : "other";
  }

  private static void write(Exchange exchange, int status) {
    if (!LOG.isInfoEnabled()) {
      return;
    }
    LoggingEventBuilder line =
        LOG.atInfo()
            .addKeyValue("method", LogText.clean(exchange.request().method().name()))
            .addKeyValue("path", LogText.clean(exchange.path()))
            .addKeyValue("status", status)
            .addKeyValue("bytes", exchange.bytes());
    line = verdict(line, exchange, status);
    line =
        line.addKeyValue("upstream", exchange.upstream())
            .addKeyValue("ttfb_s", exchange.secondsToFirstByte())
            .addKeyValue("duration_s", exchange.secondsSoFar())
            .addKeyValue("client", exchange.clientHost());
    if (!exchange.identity().isAnonymous()) {
      line = line.addKeyValue("user", LogText.clean(exchange.identity().user()));
    }
    if (!exchange.repository().isEmpty()) {
      line = line.addKeyValue("repo", exchange.repository());
    }
    if (!exchange.reference().isEmpty()) {
      line = line.addKeyValue("ref", exchange.reference());
    }
    if (!exchange.error().isEmpty()) {
      line = line.addKeyValue("error", LogText.message(exchange.error()));
    }
    String agent = exchange.request().headers().get(Fields.USER_AGENT);
    line.addKeyValue("ua", LogText.clean(Objects.requireNonNullElse(agent, ""))).log("request");
  }

  /** How the answer came about, and why it is not what the client hoped for. */
  private static LoggingEventBuilder verdict(
      LoggingEventBuilder begun, Exchange exchange, int status) {
    LoggingEventBuilder line = begun;
    if (status != CLIENT_LEFT) {
      line = line.addKeyValue("cache", exchange.result().label());
    }
    if (!exchange.detail().isEmpty()) {
      line = line.addKeyValue("detail", exchange.detail());
    }
    if (exchange.cause().isPresent()) {
      line = line.addKeyValue("cause", exchange.cause().get().word());
    }
    return line;
  }
}
