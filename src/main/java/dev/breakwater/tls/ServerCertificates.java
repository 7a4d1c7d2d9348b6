package dev.breakwater.tls;

import dev.breakwater.oci.Quoted;
import io.vertx.core.Vertx;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates of one listener. A client is shown the one for the name that it asks for (RFC
 * 6066, section 3), without a name or for an unknown one the first. When files change, connections
 * that are made later are shown the new ones. Thread-safe. Closed by its owner.
 */
public final class ServerCertificates extends X509ExtendedKeyManager implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServerCertificates.class);
  private static final Duration CHECK = Duration.ofSeconds(10);
  private static final Duration SOON = Duration.ofDays(14);

  private final Vertx vertx;
  private final InstantSource clock;
  private final List<Served> all = new ArrayList<>();

  /** What is in one pair of files; replaced as a whole, so that key and certificate fit. */
  private record Content(
      int generation, CertifiedKey pair, CertificateNames names, @Nullable CertifiedKey former) {
    Content(CertifiedKey pair) {
      this(0, pair, CertificateNames.of(pair.certificate()), null);
    }

    Content next(CertifiedKey fresh) {
      CertificateNames names = CertificateNames.of(fresh.certificate());
      return new Content(generation + 1, fresh, names, pair);
    }

    /** What a handshake that began before a change goes on with. */
    CertifiedKey pair(int asked) {
      return asked == generation || former == null ? pair : former;
    }
  }

  private final class Served {
    final CertificateFiles files;
    final WatchedFiles watched;
    volatile Content content;

    Served(CertificateFiles files) throws UnusableFileException {
      this.files = files;
      this.watched =
          new WatchedFiles(List.of(files.certificate(), files.key()), () -> readAgain(this));
      this.content = new Content(files.read(vertx));
    }
  }

  /**
   * Reads the files; they are read again when they change, until this is closed.
   *
   * @param files at least one pair
   * @throws UnusableFileException for a pair that cannot be used
   */
  public ServerCertificates(Vertx vertx, List<CertificateFiles> files, InstantSource clock)
      throws UnusableFileException {
    this.vertx = vertx;
    this.clock = clock;
    for (CertificateFiles pair : files) {
      all.add(new Served(pair));
    }
    for (Served served : all) {
      warnOfItsEnd(served);
      served.watched.begin(vertx, CHECK);
    }
  }

  /** Reads the files that are others than before; blocks. A pair that is none is not used. */
  public void readIfChanged() {
    all.forEach(served -> served.watched.look());
  }

  private void readAgain(Served served) {
    try {
      CertifiedKey fresh = served.files.read(vertx);
      if (!fresh.equals(served.content.pair())) {
        served.content = served.content.next(fresh);
        log.info(
            "new connections are shown the changed certificate {}, valid until {}",
            Quoted.of(served.files.certificate().toString()),
            seconds(fresh.expiry()));
        warnOfItsEnd(served);
      }
    } catch (UnusableFileException e) {
      log.warn(
          "a certificate of a listener has changed and cannot be used, the former one is shown on:"
              + " {}",
          e.getMessage());
    }
  }

  private void warnOfItsEnd(Served served) {
    Instant end = served.content.pair().expiry();
    Instant now = clock.instant();
    String file = Quoted.of(served.files.certificate().toString());
    if (end.isBefore(now)) {
      log.warn(
          "the certificate {} has expired at {}: clients refuse it; renew it, no restart is needed",
          file,
          seconds(end));
    } else if (end.isBefore(now.plus(SOON))) {
      log.warn(
          "the certificate {} expires at {}; renew it, no restart is needed", file, seconds(end));
    }
  }

  private static Instant seconds(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS);
  }

  /** When the first of the certificates expires. */
  public Instant firstExpiry() {
    return all.stream()
        .map(served -> served.content.pair().expiry())
        .min(Instant::compareTo)
        .orElseThrow();
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    List<Integer> fitting = fitting(requestedName(engine));
    for (int index : fitting) {
      Content content = all.get(index).content;
      if (content.pair().key().getAlgorithm().equals(keyType)) {
        return index + "." + content.generation();
      }
    }
    return null;
  }

  /** Those that are for the name, else those that are for the same name as the first. */
  private List<Integer> fitting(Optional<String> name) {
    List<Integer> named = name.map(this::covering).orElse(List.of());
    if (!named.isEmpty()) {
      return named;
    }
    List<Integer> likeTheFirst =
        all.getFirst().content.names().any().map(this::covering).orElse(List.of());
    return likeTheFirst.isEmpty() ? List.of(0) : likeTheFirst;
  }

  private List<Integer> covering(String name) {
    List<Integer> covering = new ArrayList<>();
    for (int index = 0; index < all.size(); index++) {
      if (all.get(index).content.names().cover(name)) {
        covering.add(index);
      }
    }
    return covering;
  }

  private static Optional<String> requestedName(@Nullable SSLEngine engine) {
    if (engine != null && engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
      for (SNIServerName name : session.getRequestedServerNames()) {
        if (name instanceof SNIHostName host) {
          return Optional.of(host.getAsciiName());
        }
      }
    }
    return Optional.empty();
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return pair(alias).chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return pair(alias).key();
  }

  /** {@code alias} is the position of the pair and the generation of its content. */
  private CertifiedKey pair(String alias) {
    int dot = alias.indexOf('.');
    Content content = all.get(Integer.parseInt(alias.substring(0, dot))).content;
    return content.pair(Integer.parseInt(alias.substring(dot + 1)));
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return chooseEngineServerAlias(keyType, issuers, null);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    String alias = chooseEngineServerAlias(keyType, issuers, null);
    return alias == null ? null : new String[] {alias};
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }

  @Override
  public void close() {
    all.forEach(served -> served.watched.close());
  }
}
