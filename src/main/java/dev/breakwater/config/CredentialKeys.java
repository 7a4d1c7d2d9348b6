package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.nio.file.Path;
import java.time.Duration;

/** The keys of {@link ConfigKeys} that say where the login at an upstream is fetched from. */
final class CredentialKeys {
  static final ConfigKey<Path> DOCKER_CONFIG =
      ConfigKey.optional(
          "upstreams.*.dockerConfig",
          "path",
          "A config.json of docker with the login, instead of accounts: auths, credHelpers and"
              + " credsStore are used, and it is read again when it changes.",
          ConfigKeys::path);
  static final ConfigKey<String> HELPER =
      ConfigKey.optional(
          "upstreams.*.credentialHelper",
          "name",
          "A program docker-credential-NAME that prints the login, instead of accounts; such as"
              + " ecr-login, gcr or acr-env, which know the short-lived tokens of cloud"
              + " registries.",
          CredentialKeys::helper);
  static final ConfigKey<Duration> REFRESH =
      ConfigKey.of(
          "upstreams.*.credentialRefresh",
          "time",
          "10m",
          "How often a credential helper is asked again, beside at once when the registry refuses"
              + " the login; shorter than its tokens are valid.",
          DurationText::parseAboveZero);
  static final ConfigKey<Path> CERTIFICATE =
      ConfigKey.optional(
          "upstreams.*.clientCertificate",
          "path",
          "PEM file of a certificate, followed by those that it is signed by, that is shown to this"
              + " registry; it is read again when it changes.",
          ConfigKeys::path);
  static final ConfigKey<Path> CERTIFICATE_KEY =
      ConfigKey.optional(
          "upstreams.*.clientKey",
          "path",
          "PEM file of the private key of clientCertificate, without a passphrase.",
          ConfigKeys::path);

  private CredentialKeys() {}

  private static String helper(String text) {
    if (text.startsWith("docker-credential-") || !text.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
      throw new IllegalArgumentException(
          Quoted.of(text)
              + " is not the name of a credential helper; write what follows docker-credential- in"
              + " the program's name, for example ecr-login, and have the program in PATH");
    }
    return text;
  }
}
