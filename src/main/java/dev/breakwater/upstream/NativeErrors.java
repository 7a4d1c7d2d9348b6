package dev.breakwater.upstream;

import dev.breakwater.oci.Quoted;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Netty, Vert.x, the JDK and the kernel say of a connection that failed, in words for an
 * operator: {@code connection refused} for {@code finishConnect(..) failed: Connection refused:
 * /127.0.0.1:1}. All log lines and answers have it from here.
 */
final class NativeErrors {
  private static final int DEPTH = 10;

  /** What is told by an exception's type. */
  private static final Map<Class<? extends Throwable>, String> TYPES =
      Map.of(
          CertificateExpiredException.class,
          "its certificate has expired",
          CertificateNotYetValidException.class,
          "its certificate is not valid yet; check the clock of this machine");

  /** The first that a message contains counts, so what is more exact comes first. */
  private static final List<Map.Entry<String, String>> WORDS =
      List.of(
          Map.entry("no subject alternative", "its certificate is for another host name"),
          Map.entry("no name matching", "its certificate is for another host name"),
          Map.entry("pkix path building failed", unknownAuthority()),
          Map.entry("valid certification path", unknownAuthority()),
          Map.entry("trust anchor", unknownAuthority()),
          Map.entry("not an ssl/tls record", noTls()),
          Map.entry("plaintext connection", noTls()),
          Map.entry("http header is larger than", "the head of its answer is too long"),
          Map.entry("http line is larger than", "the head of its answer is too long"),
          Map.entry("handshake timed out", "the TLS handshake timed out"),
          Map.entry(
              "while ssl/tls handshake was in progress",
              "the connection was closed during the TLS handshake"),
          Map.entry(
              "remote host terminated the handshake",
              "the connection was closed during the TLS handshake"),
          Map.entry("temporary failure in name resolution", "the name server does not answer"),
          Map.entry("name or service not known", "host name not found"),
          Map.entry("no address associated with hostname", "host name not found"),
          Map.entry("connection refused", "connection refused"),
          Map.entry("connection reset", "connection reset by the other side"),
          Map.entry("broken pipe", "connection closed by the other side"),
          Map.entry("no route to host", "no route to host"),
          Map.entry("host is unreachable", "no route to host"),
          Map.entry("network is unreachable", "network unreachable"),
          Map.entry("network unreachable", "network unreachable"),
          Map.entry("timed out", "timed out"),
          Map.entry(
              "too many open files",
              "too many open files; raise the limit of file descriptors (ulimit -n)"),
          Map.entry("cannot assign requested address", "this machine has no such address"),
          Map.entry("permission denied", "permission denied"),
          Map.entry("connection was closed", "connection closed by the other side"));

  /** As Netty tells what a proxy answered: {@code ..., status: 407 Proxy Authentication}. */
  private static final Pattern PROXY_STATUS = Pattern.compile("status: ([0-9]{3})");

  private static final Pattern ALERT = Pattern.compile("fatal alert: ([a-z_]+)");

  /** {@code java.io.IOException: text}, and Netty's {@code finishConnect(..) failed: text}. */
  private static final Pattern NOISE =
      Pattern.compile(
          "^(?:(?:[a-z0-9]+\\.)+[A-Z][A-Za-z0-9]*(?:Exception|Error): )*"
              + "(?:[a-zA-Z]+\\(\\.\\.\\) failed(?: with error\\(-?[0-9]+\\))?: )?");

  private NativeErrors() {}

  /** In one clause, without the address: whoever writes the message knows whom it asked. */
  static String text(Throwable failure) {
    List<Throwable> chain = chain(failure);
    return chain.stream()
        .flatMap(cause -> byType(cause).stream())
        .findFirst()
        .or(() -> chain.stream().flatMap(cause -> byWords(cause).stream()).findFirst())
        .orElseGet(() -> asItIs(chain.getLast()));
  }

  private static String noTls() {
    return "it does not speak TLS; for plain HTTP write http:// in its url";
  }

  private static String unknownAuthority() {
    return "its certificate is signed by an unknown authority; to trust it, name the authority's"
        + " PEM file in upstreams.NAME.ca";
  }

  private static List<Throwable> chain(Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable cause = failure;
        cause != null && chain.size() < DEPTH;
        cause = cause.getCause()) {
      chain.add(cause);
    }
    return chain;
  }

  private static Optional<String> byType(Throwable cause) {
    return TYPES.entrySet().stream()
        .filter(entry -> entry.getKey().isInstance(cause))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static Optional<String> byWords(Throwable cause) {
    String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    Matcher alert = ALERT.matcher(message);
    if (alert.find()) {
      if (alert.group(1).equals("certificate_required")) {
        return Optional.of(
            "it demands a client certificate; name one in upstreams.NAME.clientCertificate and"
                + " clientKey");
      }
      return Optional.of("it refused the TLS handshake (alert " + alert.group(1) + ")");
    }
    Matcher status = PROXY_STATUS.matcher(message);
    if (status.find()) {
      return Optional.of("the proxy answers " + status.group(1));
    }
    return WORDS.stream()
        .filter(entry -> message.contains(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static String asItIs(Throwable cause) {
    String message = cause.getMessage();
    if (cause instanceof ClosedChannelException) {
      return "connection closed";
    }
    if (message == null || message.isBlank()) {
      return "unknown cause (" + cause.getClass().getSimpleName() + ")";
    }
    // The JDK's own message is the bare name.
    return cause instanceof UnknownHostException && message.indexOf(' ') < 0
        ? "host name not found"
        : Quoted.escape(NOISE.matcher(message).replaceFirst(""));
  }
}
