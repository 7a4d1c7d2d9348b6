package dev.breakwater.upstream;

import dev.breakwater.oci.Quoted;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;

/**
 * The files of a certificate by which a registry knows us in the TLS handshake.
 *
 * @param certificate PEM file of the certificate and those that it is signed by
 * @param key PEM file of its private key, without a passphrase
 */
public record ClientCertificate(Path certificate, Path key) {
  private static final byte[] PROBE = "breakwater".getBytes(StandardCharsets.US_ASCII);

  /** A private key and the certificates that belong to it, its own first. */
  record Pair(PrivateKey key, List<X509Certificate> chain) {
    Pair {
      chain = List.copyOf(chain);
    }

    /** Without the key. */
    @Override
    public String toString() {
      return "Pair of " + chain.getFirst().getSubjectX500Principal();
    }
  }

  /** Reads the files and checks that they belong together; blocks. */
  Pair read(Vertx vertx) throws CredentialException {
    List<X509Certificate> chain = chain();
    PrivateKey secret = privateKey(vertx);
    if (!belongTogether(secret, chain.getFirst().getPublicKey())) {
      throw new CredentialException(
          "the client key "
              + Quoted.of(key.toString())
              + " is not the key of the first certificate in "
              + Quoted.of(certificate.toString())
              + "; name the key with which that certificate was requested");
    }
    return new Pair(secret, chain);
  }

  private List<X509Certificate> chain() throws CredentialException {
    byte[] pem = bytes("certificate", certificate);
    try {
      List<X509Certificate> chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (!chain.isEmpty()) {
        return chain;
      }
    } catch (CertificateException e) {
      // The same is told of a file without any.
    }
    throw new CredentialException(
        "the client certificate "
            + Quoted.of(certificate.toString())
            + " has no certificate that can be read; write it in PEM, followed by those that it is"
            + " signed by");
  }

  private PrivateKey privateKey(Vertx vertx) throws CredentialException {
    byte[] pem = bytes("key", key);
    String text = new String(pem, StandardCharsets.ISO_8859_1);
    String subject = "the client key " + Quoted.of(key.toString());
    if (text.contains("ENCRYPTED")) {
      throw new CredentialException(
          subject
              + " has a passphrase; write it without one, readable for this user only: openssl pkey"
              + " -in OLD -out NEW");
    }
    PemKeyCertOptions options =
        new PemKeyCertOptions()
            .setKeyValue(Buffer.buffer(pem))
            .setCertValue(Buffer.buffer(bytes("certificate", certificate)));
    try {
      for (KeyManager manager : options.getKeyManagerFactory(vertx).getKeyManagers()) {
        if (manager instanceof X509KeyManager pairs) {
          for (String type : List.of("RSA", "EC", "EdDSA", "DSA")) {
            String[] aliases = pairs.getClientAliases(type, null);
            if (aliases != null && aliases.length > 0) {
              return pairs.getPrivateKey(aliases[0]);
            }
          }
        }
      }
    } catch (Exception e) {
      // The reasons are those of parsers, and may quote the file.
    }
    throw new CredentialException(
        subject
            + " cannot be read; write a private key in PEM, of RSA or EC, without a passphrase");
  }

  private static byte[] bytes(String what, Path file) throws CredentialException {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new CredentialException(
          "the client "
              + what
              + " "
              + Quoted.of(file.toString())
              + (Files.exists(file)
                  ? " cannot be read; check its permissions"
                  : " does not exist"));
    }
  }

  private static boolean belongTogether(PrivateKey secret, PublicKey open) {
    try {
      String algorithm =
          switch (secret.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> secret.getAlgorithm();
          };
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(secret);
      signing.update(PROBE);
      byte[] signature = signing.sign();
      Signature proof = Signature.getInstance(algorithm);
      proof.initVerify(open);
      proof.update(PROBE);
      return proof.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
