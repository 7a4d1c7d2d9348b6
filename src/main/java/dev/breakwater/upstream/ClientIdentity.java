package dev.breakwater.upstream;

import dev.breakwater.oci.ZoneName;
import dev.breakwater.tls.CertifiedKey;
import dev.breakwater.tls.WatchedFiles;
import io.vertx.core.Vertx;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that is shown to a registry that asks for one, whatever authorities it says it
 * knows: it refuses with a reason then. When the files change, connections that are made later show
 * the new one. Thread-safe. Closed by its owner.
 */
final class ClientIdentity extends X509ExtendedKeyManager implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClientIdentity.class);
  private static final Duration CHECK = Duration.ofSeconds(30);
  private static final String ALIAS = "client";

  private final Vertx vertx;
  private final ZoneName zone;
  private final ClientCertificate files;
  private final WatchedFiles watched;
  private volatile CertifiedKey pair;

  /** Reads the files; throws {@link IllegalArgumentException} for what cannot be used. */
  ClientIdentity(Vertx vertx, ZoneName zone, ClientCertificate files) {
    this.vertx = vertx;
    this.zone = zone;
    this.files = files;
    this.watched = new WatchedFiles(List.of(files.certificate(), files.key()), this::readAgain);
    try {
      this.pair = files.read(vertx);
    } catch (CredentialException e) {
      throw new IllegalArgumentException(
          "upstreams." + zone + ".clientCertificate: " + e.getMessage());
    }
    warnIfExpired();
    watched.begin(vertx, CHECK);
  }

  /**
   * Reads the files again if they are others than before; blocks. A pair that is none is not used.
   */
  void readIfChanged() {
    watched.look();
  }

  private void readAgain() {
    try {
      pair = files.read(vertx);
      LOG.info("[{}] new connections show the changed client certificate", zone);
      warnIfExpired();
    } catch (CredentialException e) {
      LOG.warn(
          "[{}] the client certificate has changed and cannot be used, the former one is used on:"
              + " {}",
          zone,
          e.getMessage());
    }
  }

  private void warnIfExpired() {
    Instant end = pair.expiry();
    if (end.isBefore(Instant.now())) {
      LOG.warn(
          "[{}] the client certificate {} has expired at {}: the registry will refuse it; renew it",
          zone,
          files.certificate(),
          end.truncatedTo(java.time.temporal.ChronoUnit.SECONDS));
    }
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return List.of(keyTypes).contains(pair.key().getAlgorithm()) ? ALIAS : null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return chooseEngineClientAlias(keyTypes, issuers, null);
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return keyType.equals(pair.key().getAlgorithm()) ? new String[] {ALIAS} : null;
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return pair.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return pair.key();
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }

  @Override
  public void close() {
    watched.close();
  }
}
