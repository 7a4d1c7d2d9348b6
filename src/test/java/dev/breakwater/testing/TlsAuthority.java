package dev.breakwater.testing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A certificate authority of our own and the servers' certificates, made by this JDK's {@code
 * keytool} when first needed and kept for the life of the JVM. Safe for all threads.
 */
final class TlsAuthority {
  /** The one of this JVM: a key pair costs half a second. */
  static final TlsAuthority INSTANCE = new TlsAuthority();

  private static final String PASSWORD = "no-secret";
  private static final String CA = "ca";

  private byte[] store = new byte[0];

  private TlsAuthority() {}

  /**
   * What a server with such a certificate needs.
   *
   * @param clients takes the names of the clients that show a certificate
   */
  SSLContext serverContext(TlsVariant variant, Set<String> clients) {
    try {
      KeyStore all = storeWith(variant);
      String alias = alias(variant);
      KeyStore own = KeyStore.getInstance("PKCS12");
      own.load(null, null);
      own.setKeyEntry(
          alias,
          all.getKey(alias, PASSWORD.toCharArray()),
          PASSWORD.toCharArray(),
          all.getCertificateChain(alias));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      TrustManager[] trust = trustManagers();
      for (int i = 0; i < trust.length; i++) {
        if (trust[i] instanceof X509ExtendedTrustManager known) {
          trust[i] = new NotedClients(known, clients);
        }
      }
      context.init(keys.getKeyManagers(), trust, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot make a " + variant + " certificate", e);
    }
  }

  /** Writes {@code NAME.crt} and {@code NAME.key}, a certificate of this authority for clients. */
  void writeClientPair(Path directory, String name) {
    writePair(directory, name, List.of(), false);
  }

  /** The same with names: a certificate for servers. */
  void writePair(Path directory, String name, List<String> alternatives, boolean expired) {
    try {
      Path file = Files.createTempDirectory("faulty-registry-tls").resolve("store.p12");
      storeWith(TlsVariant.VALID);
      synchronized (this) {
        Files.write(file, store);
      }
      List<String> more = new ArrayList<>(List.of("-signer", CA));
      if (!alternatives.isEmpty()) {
        more.addAll(List.of("-ext", "san=" + String.join(",", alternatives)));
      }
      generate(file, name, more, expired);
      KeyStore made = KeyStore.getInstance("PKCS12");
      made.load(new ByteArrayInputStream(Files.readAllBytes(file)), PASSWORD.toCharArray());
      Files.delete(file);
      Files.delete(file.getParent());
      Files.writeString(
          directory.resolve(name + ".crt"),
          pem("CERTIFICATE", made.getCertificate(name).getEncoded()));
      Files.writeString(
          directory.resolve(name + ".key"),
          pem("PRIVATE KEY", made.getKey(name, PASSWORD.toCharArray()).getEncoded()));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot make a certificate for " + name, e);
    }
  }

  private static String pem(String what, byte[] der) {
    return "-----BEGIN "
        + what
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + what
        + "-----\n";
  }

  /** What a client needs to trust the authority and no other. */
  SSLContext clientContext() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot trust our own certificate authority", e);
    }
  }

  /** The same with the pair of files as its own certificate. */
  SSLContext clientContext(Path directory, String name) {
    try {
      KeyStore own = KeyStore.getInstance("PKCS12");
      own.load(null, null);
      CertificateFactory x509 = CertificateFactory.getInstance("X.509");
      Certificate certificate;
      try (InputStream in = Files.newInputStream(directory.resolve(name + ".crt"))) {
        certificate = x509.generateCertificate(in);
      }
      String key = Files.readString(directory.resolve(name + ".key"));
      byte[] der = Base64.getMimeDecoder().decode(key.replaceAll("-----[A-Z ]+-----", ""));
      own.setKeyEntry(
          name,
          KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der)),
          PASSWORD.toCharArray(),
          new Certificate[] {certificate});
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot show the certificate of " + name, e);
    }
  }

  private TrustManager[] trustManagers() throws GeneralSecurityException, IOException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry(CA, certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    return trust.getTrustManagers();
  }

  /** Writes the authority's certificate to a temporary file; the caller deletes it. */
  Path writePem() {
    try {
      Path file = Files.createTempFile("faulty-registry-ca", ".pem");
      return Files.writeString(
          file, pem("CERTIFICATE", certificate().getEncoded()), StandardCharsets.US_ASCII);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot write the certificate of our own authority", e);
    }
  }

  private Certificate certificate() throws GeneralSecurityException, IOException {
    return storeWith(TlsVariant.VALID).getCertificate(CA);
  }

  private synchronized KeyStore storeWith(TlsVariant variant)
      throws GeneralSecurityException, IOException {
    KeyStore loaded = load();
    if (!loaded.containsAlias(alias(variant))) {
      Path directory = Files.createTempDirectory("faulty-registry-tls");
      Path file = directory.resolve("store.p12");
      try {
        if (store.length == 0) {
          generate(file, CA, List.of("-ext", "bc:c=ca:true", "-ext", "ku=keyCertSign"), false);
        } else {
          Files.write(file, store);
        }
        generate(file, alias(variant), extensions(variant), variant.expired());
        store = Files.readAllBytes(file);
      } finally {
        Files.deleteIfExists(file);
        Files.delete(directory);
      }
      loaded = load();
    }
    return loaded;
  }

  private KeyStore load() throws GeneralSecurityException, IOException {
    KeyStore loaded = KeyStore.getInstance("PKCS12");
    if (store.length == 0) {
      loaded.load(null, null);
    } else {
      loaded.load(new ByteArrayInputStream(store), PASSWORD.toCharArray());
    }
    return loaded;
  }

  private static String alias(TlsVariant variant) {
    return variant.name().toLowerCase(Locale.ROOT);
  }

  private static List<String> extensions(TlsVariant variant) {
    List<String> extensions = new ArrayList<>(List.of("-ext", "san=" + variant.names()));
    if (variant.signed()) {
      extensions.addAll(List.of("-signer", CA));
    }
    return extensions;
  }

  private static void generate(Path file, String alias, List<String> more, boolean expired)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", alias, "-keyalg", "EC"));
    command.addAll(List.of("-groupname", "secp256r1", "-dname", "CN=faulty " + alias));
    command.addAll(List.of("-startdate", "-10d", "-validity", expired ? "1" : "3650"));
    command.addAll(List.of("-keystore", file.toString(), "-storetype", "PKCS12"));
    command.addAll(List.of("-storepass", PASSWORD));
    command.addAll(more);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException("keytool failed: " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while keytool ran", e);
    }
  }
}
