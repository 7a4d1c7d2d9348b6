package dev.breakwater.cli;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.breakwater.admin.api.ErrorInfo;
import dev.breakwater.app.StartupException;
import dev.breakwater.app.Version;
import dev.breakwater.config.ListenAddress;
import dev.breakwater.oci.Quoted;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** Asks the server that runs on this machine, at its admin listener. Blocking. */
final class AdminClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** What the audit log of the server calls the command line. */
  private static final String AGENT = "breakwater/" + Version.text();

  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();
  private final URI server;
  private final Optional<String> token;

  /**
   * A client of the server whose admin listener has that address.
   *
   * @param token what it sends to prove that it may ask
   */
  AdminClient(ListenAddress address, Optional<String> token) {
    this.token = token;
    String host =
        switch (address.host()) {
          case "0.0.0.0", "" -> "127.0.0.1";
          case "::" -> "::1";
          default -> address.host();
        };
    String name = host.contains(":") ? "[" + host + "]" : host;
    this.server = URI.create("http://" + name + ":" + address.port());
  }

  /** A page's document, a record of {@code admin.api}. */
  <T> T get(String path, Class<T> type) throws StartupException, InterruptedException {
    return send(HttpRequest.newBuilder(server.resolve(path)).GET(), type);
  }

  /** Asks for something to be done. */
  <T> T post(String path, Class<T> type) throws StartupException, InterruptedException {
    return send(
        HttpRequest.newBuilder(server.resolve(path)).POST(HttpRequest.BodyPublishers.noBody()),
        type);
  }

  private <T> T send(HttpRequest.Builder request, Class<T> type)
      throws StartupException, InterruptedException {
    token.ifPresent(secret -> request.setHeader("Authorization", "Bearer " + secret));
    try {
      HttpResponse<byte[]> answer =
          http.send(
              request.timeout(PATIENCE).setHeader("User-Agent", AGENT).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      if (answer.statusCode() >= 300) {
        String error = JSON.readValue(answer.body(), ErrorInfo.class).error();
        throw new StartupException(
            "the server at " + server + " answers " + Objects.requireNonNullElse(error, "nothing"));
      }
      return JSON.readValue(answer.body(), type);
    } catch (IOException e) {
      throw new StartupException(
          "a server uses the data directory, but cannot be asked at "
              + server
              + ": "
              + reason(e)
              + "; if it is starting, try again, else give its admin address with --admin",
          e);
    }
  }

  private static String reason(IOException failure) {
    return switch (failure) {
      case HttpConnectTimeoutException _ -> "no connection within " + CONNECT.toSeconds() + " s";
      case HttpTimeoutException _ -> "no answer within " + PATIENCE.toSeconds() + " s";
      case ConnectException _ when failure.getCause() instanceof UnresolvedAddressException ->
          "that name has no address";
      case ConnectException _ when failure.getMessage() == null -> "connection refused";
      case JacksonException _ -> "what answers there is not Breakwater's admin listener";
      default ->
          failure.getMessage() == null ? "connection lost" : Quoted.escape(failure.getMessage());
    };
  }

  @Override
  public void close() {
    http.close();
  }
}
