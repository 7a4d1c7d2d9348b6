package dev.breakwater.http;

import dev.breakwater.http.Refusal.Reason;
import dev.breakwater.metrics.Metrics;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS handshakes of clients that came to nothing. Each is counted; for what an operator can mend
 * there is a warning with the remedy, one an hour of each kind. Thread-safe.
 */
final class HandshakeFailures {
  private static final Logger log = LoggerFactory.getLogger(HandshakeFailures.class);
  private static final Duration SILENCE = Duration.ofHours(1);

  /** What an operator can mend. */
  enum Kind {
    PLAIN_HTTP(
        "a client spoke plain HTTP to port {}, which takes TLS only: write https:// and no"
            + " \"insecure\" into its configuration"),
    UNKNOWN_AUTHORITY(
        "a client does not trust the certificate of port {}: give it the certificate of the"
            + " authority: Docker and podman /etc/docker/certs.d/HOST:PORT/ca.crt, containerd ca ="
            + " in hosts.toml, or the certificates of its system; and ask for this host by a name"
            + " that the certificate has"),
    NO_CERTIFICATE(
        "a client showed no certificate to port {}, which asks for one (clientCa): give it one"
            + " beside the certificate of the authority: Docker and podman client.cert and"
            + " client.key, containerd client = in hosts.toml"),
    FOREIGN_CERTIFICATE(
        "a client showed port {} a certificate that no authority in clientCa has signed, or an"
            + " expired one: give it another one, or add its authority to the file");

    private final String warning;

    Kind(String warning) {
      this.warning = warning;
    }
  }

  private final Metrics metrics;
  private final LongSupplier nanoClock;
  private final Map<Kind, Long> warnedNanos = new EnumMap<>(Kind.class);

  HandshakeFailures(Metrics metrics, LongSupplier nanoClock) {
    this.metrics = metrics;
    this.nanoClock = nanoClock;
  }

  /** A connection to this port failed before it was one of HTTP. */
  void failed(Throwable failure, int port) {
    if (failure instanceof SSLException) {
      metrics.rejected(Reason.HANDSHAKE.label());
    }
    Optional<Kind> kind = kindOf(failure);
    if (kind.isPresent() && isWarningDue(kind.get())) {
      log.warn(kind.get().warning + ". This line comes once an hour", port);
    } else {
      log.debug("connection failed before a request", failure);
    }
  }

  /** The classes and words are those of Netty and of this JDK. */
  static Optional<Kind> kindOf(Throwable failure) {
    if (failure instanceof NotSslRecordException) {
      return Optional.of(Kind.PLAIN_HTTP);
    }
    if (!(failure instanceof SSLException) || failure instanceof SslHandshakeTimeoutException) {
      return Optional.empty();
    }
    String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
    if (message.contains("empty client certificate chain")) {
      return Optional.of(Kind.NO_CERTIFICATE);
    }
    if (message.contains("received fatal alert")) {
      boolean mistrust = message.contains("unknown_ca") || message.contains("certificate");
      return mistrust ? Optional.of(Kind.UNKNOWN_AUTHORITY) : Optional.empty();
    }
    boolean path = message.contains("path") || message.contains("certificate");
    return path ? Optional.of(Kind.FOREIGN_CERTIFICATE) : Optional.empty();
  }

  private synchronized boolean isWarningDue(Kind kind) {
    long now = nanoClock.getAsLong();
    Long warned = warnedNanos.get(kind);
    if (warned != null && now - warned < SILENCE.toNanos()) {
      return false;
    }
    warnedNanos.put(kind, now);
    return true;
  }
}
