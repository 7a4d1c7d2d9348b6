package dev.breakwater.admin;

import dev.breakwater.oci.Quoted;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What every request to the admin listener must pass before a page is looked up: the name it asks
 * for, the login, and for commands that no page of another site sends them.
 */
final class AdminGate {
  private static final String CHALLENGE = "Basic realm=\"Breakwater admin\", charset=\"UTF-8\"";

  private final AllowedHosts hosts;
  private final Optional<AdminLogin> login;
  private final Set<String> open;

  /** {@code open} are the paths that need no login. */
  AdminGate(AdminAccess access, Set<String> open) {
    this.hosts = new AllowedHosts(access.hosts());
    this.login = access.login();
    this.open = open;
  }

  /** The answer to a request that is refused; empty if it may go on. */
  Optional<AdminAnswer> refusal(HttpServerRequest request) {
    List<String> named = request.headers().getAll("Host");
    // Health checks in HTTP/1.0 send none; browsers always do.
    boolean mayLackHost = request.version() == HttpVersion.HTTP_1_0;
    if (named.size() > 1 || (named.isEmpty() && !mayLackHost)) {
      return refuse(400, "the request has no Host header, or more than one");
    }
    String host = askedHost(request.uri(), named.isEmpty() ? "" : named.getFirst());
    boolean isAllowed = host.isEmpty() ? mayLackHost : hosts.allows(host);
    if (!isAllowed) {
      return refuse(
          403,
          "the host name "
              + Quoted.of(host)
              + " is not known here; use the machine's name or an IP address, or add the name to"
              + " admin.hosts (BREAKWATER_ADMIN_HOSTS)");
    }
    if (CrossOrigin.isRefused(
        request.method().name(),
        request.getHeader("Sec-Fetch-Site"),
        request.getHeader("Origin"),
        host)) {
      return refuse(403, "commands that a web page of another site sends are refused");
    }
    if (login.isPresent()
        && !open.contains(Objects.requireNonNullElse(request.path(), ""))
        && !login.get().admits(request.headers().getAll("Authorization"))) {
      request.response().putHeader("WWW-Authenticate", CHALLENGE);
      return refuse(
          401,
          "the token of admin.token or admin.tokenFile is needed: Authorization: Bearer TOKEN, or"
              + " TOKEN as the password with any user name");
    }
    return Optional.empty();
  }

  /** That of a URL in the request line counts more than the header (RFC 9112, 3.2.2). */
  private static String askedHost(String uri, String header) {
    int scheme = uri.indexOf("://");
    if (uri.startsWith("/") || scheme < 0) {
      return header;
    }
    int end = scheme + 3;
    while (end < uri.length() && "/?#".indexOf(uri.charAt(end)) < 0) {
      end++;
    }
    return uri.substring(scheme + 3, end);
  }

  private static Optional<AdminAnswer> refuse(int status, String message) {
    return Optional.of(AdminAnswer.error(status, message));
  }
}
