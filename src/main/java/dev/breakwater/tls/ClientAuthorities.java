package dev.breakwater.tls;

import dev.breakwater.oci.Quoted;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authorities whose client certificates a listener admits, and no others. When the file
 * changes, connections that are made later are judged by the new ones. Thread-safe. Closed by its
 * owner.
 */
public final class ClientAuthorities extends X509ExtendedTrustManager implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ClientAuthorities.class);
  private static final Duration CHECK = Duration.ofSeconds(10);

  private final Path file;
  private final WatchedFiles watched;
  private volatile X509ExtendedTrustManager current;

  /**
   * Reads the file; it is read again when it changes, until this is closed.
   *
   * @param file PEM file of certificates
   * @throws UnusableFileException if it cannot be used
   */
  public ClientAuthorities(Vertx vertx, Path file) throws UnusableFileException {
    this.file = file;
    this.watched = new WatchedFiles(List.of(file), this::readAgain);
    this.current = read();
    watched.begin(vertx, CHECK);
  }

  private void readAgain() {
    try {
      current = read();
      log.info(
          "new connections are judged by the changed authorities in {}",
          Quoted.of(file.toString()));
    } catch (UnusableFileException e) {
      log.warn(
          "the file of client authorities has changed and cannot be used, the former ones count on:"
              + " {}",
          e.getMessage());
    }
  }

  private X509ExtendedTrustManager read() throws UnusableFileException {
    String subject = "the file of client authorities " + Quoted.of(file.toString());
    byte[] pem;
    try {
      pem = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UnusableFileException(
          subject
              + (Files.exists(file)
                  ? " cannot be read; check its permissions"
                  : " does not exist"));
    }
    try {
      List<X509Certificate> authorities = Authorities.read(pem);
      if (!authorities.isEmpty()) {
        return Authorities.trusting(authorities);
      }
    } catch (GeneralSecurityException | IOException e) {
      // The same is told of a file without any.
    }
    throw new UnusableFileException(
        subject + " has no certificate that can be read; write CA certificates into it in PEM");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
      throws CertificateException {
    current.checkClientTrusted(chain, type, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
      throws CertificateException {
    current.checkClientTrusted(chain, type, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    current.checkClientTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
      throws CertificateException {
    throw onlyClients();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
      throws CertificateException {
    throw onlyClients();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw onlyClients();
  }

  private static CertificateException onlyClients() {
    return new CertificateException("client authorities judge clients only");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return current.getAcceptedIssuers();
  }

  @Override
  public void close() {
    watched.close();
  }
}
