package dev.breakwater.http;

import dev.breakwater.clientconfig.Client;
import dev.breakwater.clientconfig.ClientRecipes;
import dev.breakwater.clientconfig.ClientRecipes.Recipe;
import dev.breakwater.clientconfig.MirrorUrl;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * {@code GET /}, {@code GET /setup} and {@code GET /setup/CLIENT}: what this is, and what a client
 * needs in its configuration, with the address by which the request came.
 */
final class SetupEndpoint implements Endpoint<SetupEndpoint.Page> {
  private static final String ROOT = "/";
  private static final String SETUP = "/setup";
  private static final String VARY = "Vary";

  private final List<ZoneName> upstreams;

  /**
   * What is asked for.
   *
   * @param client the last segment of the path; empty for the overview
   * @param isRoot whether it is the page of {@code /}
   */
  record Page(String client, boolean isRoot) {}

  SetupEndpoint(List<ZoneName> upstreams) {
    this.upstreams = upstreams;
  }

  /** Whether the path is one of these pages; {@code /setup/v2/} is the API of a registry. */
  static boolean has(String path) {
    return path.equals(ROOT)
        || path.equals(SETUP)
        || (path.startsWith(SETUP + "/")
            && path.indexOf('/', SETUP.length() + 1) < 0
            && !path.equals(SETUP + "/v2"));
  }

  static Page page(String path) {
    return path.equals(ROOT)
        ? new Page("", true)
        : new Page(path.substring(Math.min(SETUP.length() + 1, path.length())), false);
  }

  @Override
  public Future<Void> answer(Exchange exchange, Page page) {
    ClientRecipes recipes = ClientRecipes.complete(mirror(exchange), upstreams);
    if (!page.client().isEmpty()) {
      return send(exchange, "text/plain", commented(recipes.of(client(page.client()))));
    }
    if (!page.isRoot()) {
      return send(
          exchange,
          "text/plain",
          Arrays.stream(Client.values())
              .map(client -> commented(recipes.of(client)))
              .collect(Collectors.joining("\n")));
    }
    String accept = Objects.requireNonNullElse(exchange.request().getHeader("Accept"), "");
    return accept.contains("text/html")
        ? send(exchange, "text/html", html(recipes.mirror()))
        : send(exchange, "text/plain", text(recipes.mirror()));
  }

  private static Client client(String word) {
    try {
      return Client.of(word);
    } catch (IllegalArgumentException e) {
      throw new RegistryException(ErrorCode.PATH_UNKNOWN, String.valueOf(e.getMessage()));
    }
  }

  /** By which URL the client came here; the listener's own address if it named no usable host. */
  private static MirrorUrl mirror(Exchange exchange) {
    ExternalUrl external = exchange.external();
    try {
      return MirrorUrl.parse(external.toString());
    } catch (IllegalArgumentException e) {
      HttpServerRequest request = exchange.request();
      String address = request.localAddress().hostAddress();
      String host = address.contains(":") ? "[" + address + "]" : address;
      return new MirrorUrl(external.scheme(), host, request.localAddress().port());
    }
  }

  private static String commented(Recipe recipe) {
    String then = recipe.activation().isEmpty() ? "" : ", then: " + recipe.activation();
    String notes =
        recipe.notes().stream().map(note -> "# " + note + "\n").collect(Collectors.joining());
    return "# " + recipe.clients() + ": " + recipe.file() + then + "\n" + notes + recipe.text();
  }

  private static String text(MirrorUrl mirror) {
    return "Breakwater, a caching mirror of container registries.\n\nHow to point a client at it:\n"
        + Client.words().stream()
            .map(client -> "  curl " + mirror + SETUP + "/" + client + "\n")
            .collect(Collectors.joining());
  }

  /** Nothing is loaded from elsewhere. */
  private static String html(MirrorUrl mirror) {
    String links =
        Client.words().stream()
            .map(word -> "<li><a href=\"%s/%s\">%s</a></li>\n".formatted(SETUP, word, word))
            .collect(Collectors.joining());
    return """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"><title>Breakwater</title></head>
    <body><h1>Breakwater</h1>
    <p>A caching mirror of container registries at <code>%s</code>.
    How to point a client at it:</p>
    <ul>
    %s</ul></body></html>
    """
        .formatted(escaped(mirror.toString()), links);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }

  private static Future<Void> send(Exchange exchange, String type, String body) {
    exchange
        .beginLocal(200)
        .putHeader(Fields.CONTENT_TYPE, type + "; charset=utf-8")
        .putHeader(VARY, "Accept, Host")
        .putHeader("Content-Security-Policy", "default-src 'none'");
    return exchange.end(Buffer.buffer(body));
  }
}
