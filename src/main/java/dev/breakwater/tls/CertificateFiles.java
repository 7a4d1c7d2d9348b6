package dev.breakwater.tls;

import dev.breakwater.oci.Quoted;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;

/**
 * The files of a certificate and its private key.
 *
 * @param whose before the words certificate and key in messages: {@code client}
 * @param certificate PEM file of the certificate and those that it is signed by
 * @param key PEM file of its private key, without a passphrase
 */
public record CertificateFiles(String whose, Path certificate, Path key) {
  private static final byte[] PROBE = "breakwater".getBytes(StandardCharsets.US_ASCII);

  /** Reads the files and checks that they belong together; blocks. */
  public CertifiedKey read(Vertx vertx) throws UnusableFileException {
    List<X509Certificate> chain = chain();
    PrivateKey secret = privateKey(vertx);
    if (!belongTogether(secret, chain.getFirst().getPublicKey())) {
      throw new UnusableFileException(
          "the "
              + whose
              + " key "
              + Quoted.of(key.toString())
              + " is not the key of the first certificate in "
              + Quoted.of(certificate.toString())
              + "; name the key with which that certificate was requested");
    }
    return new CertifiedKey(secret, chain);
  }

  private List<X509Certificate> chain() throws UnusableFileException {
    byte[] pem = bytes("certificate", certificate);
    try {
      List<X509Certificate> chain = Authorities.read(pem);
      if (!chain.isEmpty()) {
        return chain;
      }
    } catch (CertificateException e) {
      // The same is told of a file without any.
    }
    throw new UnusableFileException(
        "the "
            + whose
            + " certificate "
            + Quoted.of(certificate.toString())
            + " has no certificate that can be read; write it in PEM, followed by those that it is"
            + " signed by");
  }

  private PrivateKey privateKey(Vertx vertx) throws UnusableFileException {
    byte[] pem = bytes("key", key);
    String text = new String(pem, StandardCharsets.ISO_8859_1);
    String subject = "the " + whose + " key " + Quoted.of(key.toString());
    if (text.contains("ENCRYPTED")) {
      throw new UnusableFileException(
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
    throw new UnusableFileException(
        subject
            + " cannot be read; write a private key in PEM, of RSA or EC, without a passphrase");
  }

  private byte[] bytes(String what, Path file) throws UnusableFileException {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UnusableFileException(
          "the "
              + whose
              + " "
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
