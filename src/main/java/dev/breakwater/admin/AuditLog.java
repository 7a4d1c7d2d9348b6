package dev.breakwater.admin;

import dev.breakwater.oci.Quoted;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line in the logger {@code audit} for each command of an operator, done or refused: who gave
 * it, what it was about, what came of it. A login of the admin listener has no name, so "who" is
 * the address of the client and what it calls itself.
 */
final class AuditLog {
  /** The longest target in a line, in characters; other texts have the bound of {@link Quoted}. */
  private static final int MAX_TARGET = 512;

  private static final Logger LOG = LoggerFactory.getLogger("audit");

  private AuditLog() {}

  /** A command has been answered. */
  static void done(HttpServerRequest request, AdminAnswer answer) {
    SocketAddress client = request.remoteAddress();
    String agent = request.getHeader("User-Agent");
    LOG.atInfo()
        .addKeyValue("status", answer.status())
        .addKeyValue("target", target(request))
        .addKeyValue("client", client == null ? "" : client.hostAddress())
        .addKeyValue("ua", Quoted.escape(Objects.requireNonNullElse(agent, "")))
        .log(
            "{} {}: {}",
            request.method().name(),
            Quoted.escape(String.valueOf(request.path())),
            answer.result().isEmpty() ? "done" : answer.result());
  }

  /** The parameters, in the order of their names. */
  private static String target(HttpServerRequest request) {
    String all =
        StreamSupport.stream(request.params().spliterator(), false)
            .collect(
                Collectors.toMap(
                    each -> Quoted.escape(each.getKey()),
                    each -> Quoted.escape(each.getValue()),
                    (first, later) -> first,
                    TreeMap::new))
            .entrySet()
            .stream()
            .map(each -> each.getKey() + "=" + each.getValue())
            .collect(Collectors.joining(" "));
    return all.length() <= MAX_TARGET ? all : all.substring(0, MAX_TARGET) + "...";
  }
}
