package dev.breakwater.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** The key that signs the token server's tokens, with a certificate that the registry trusts. */
final class SigningKey {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final char[] PASSWORD = "breakwater".toCharArray();

  private final PrivateKey key;
  private final String certificate;

  private SigningKey(PrivateKey key, String certificate) {
    this.key = key;
    this.certificate = certificate;
  }

  /** A new key; its certificate signs itself. {@code directory} is only passed through. */
  static SigningKey generate(Path directory) {
    Path file = directory.resolve("token.p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Command.of(keytool, "-genkeypair", "-alias", "token", "-keyalg", "RSA", "-keysize", "2048")
        .and("-dname", "CN=breakwater-e2e", "-validity", "2", "-storetype", "PKCS12")
        .and("-keystore", file, "-storepass", new String(PASSWORD))
        .run();
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, PASSWORD);
      PrivateKey key = (PrivateKey) store.getKey("token", PASSWORD);
      Certificate certificate = store.getCertificate("token");
      return new SigningKey(key, Base64.getEncoder().encodeToString(certificate.getEncoded()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The certificate as PEM, what the registry calls {@code rootcertbundle}. */
  String pem() {
    return "-----BEGIN CERTIFICATE-----\n"
        + certificate.replaceAll("(.{64})", "$1\n")
        + "\n-----END CERTIFICATE-----\n";
  }

  /** A signed JWT. docker-registry 2.8 finds the key by the certificate chain in {@code x5c}. */
  String sign(Map<String, Object> claims) {
    try {
      String signed =
          base64(Map.of("typ", "JWT", "alg", "RS256", "x5c", List.of(certificate)))
              + "."
              + base64(claims);
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(signed.getBytes(UTF_8));
      return signed + "." + base64(signature.sign());
    } catch (JsonProcessingException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String base64(Map<String, Object> json) throws JsonProcessingException {
    return base64(JSON.writeValueAsBytes(json));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
