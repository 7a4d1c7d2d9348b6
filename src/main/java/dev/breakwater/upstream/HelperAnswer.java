package dev.breakwater.upstream;

import com.fasterxml.jackson.core.JsonParser;
import dev.breakwater.oci.JsonReader;
import dev.breakwater.oci.Quoted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a credential helper printed, read; messages of failures repeat it without secrets. */
final class HelperAnswer {
  /** What docker's helpers say, among other things, when they have no login for a registry. */
  private static final String NOT_FOUND = "credentials not found";

  private static final Pattern SECRET =
      Pattern.compile("\"(?:Secret|secret)\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"?");

  /** Longer than any word: a token, a key or a signature. */
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9+/=_-]{40,}");

  /** Variables that hold a secret itself, and not the name of a file. */
  private static final Pattern SECRET_VARIABLE =
      Pattern.compile("(?!.*_FILE$).*(SECRET|TOKEN|PASSWORD|PASSWD|KEY).*");

  /** Shorter values may be part of any word. */
  private static final int LEAST_SECRET = 6;

  private String username = "";
  private String secret = "";

  private HelperAnswer() {}

  /**
   * The login; empty if the helper says that it has none.
   *
   * @param secrets what must not be repeated
   */
  static Optional<Credentials> read(
      CredentialHelper helper,
      ServerAddress server,
      CredentialHelper.Run run,
      Collection<String> secrets)
      throws CredentialException {
    if (run.code() != 0) {
      if ((run.output() + run.error()).toLowerCase(Locale.ROOT).contains(NOT_FOUND)) {
        return Optional.empty();
      }
      throw failure(helper, "ended with exit code " + run.code(), said(helper, run, secrets));
    }
    HelperAnswer answer = new HelperAnswer();
    try {
      JsonReader.readDocument(run.output().getBytes(StandardCharsets.UTF_8), answer::field);
    } catch (IOException e) {
      throw failure(
          helper,
          "printed no JSON object with Username and Secret for " + Quoted.of(server.text()),
          said(helper, run, secrets));
    }
    return answer.credentials(helper, server);
  }

  private void field(String name, JsonParser value) throws IOException {
    switch (name) {
      case "Username" -> username = JsonReader.text(value).orElse("");
      case "Secret" -> secret = JsonReader.text(value).orElse("");
      default -> {
        // ServerURL: what it was asked for.
      }
    }
  }

  private Optional<Credentials> credentials(CredentialHelper helper, ServerAddress server)
      throws CredentialException {
    if (username.isEmpty() || secret.isEmpty()) {
      throw failure(
          helper,
          "printed no "
              + (secret.isEmpty() ? "Secret" : "Username")
              + " for "
              + Quoted.of(server.text()),
          "");
    }
    try {
      return Optional.of(new Credentials(username, secret));
    } catch (IllegalArgumentException e) {
      throw failure(helper, "printed a login that cannot be used: " + e.getMessage(), "");
    }
  }

  private static CredentialException failure(CredentialHelper helper, String what, String said) {
    return new CredentialException(
        "the credential helper "
            + helper.program()
            + " "
            + what
            + (said.isEmpty() ? "" : ": " + Quoted.of(said)));
  }

  /** Its error text without secrets; what looks like an answer is never repeated. */
  private static String said(
      CredentialHelper helper, CredentialHelper.Run run, Collection<String> known) {
    boolean isAnswer = run.code() == 0 || run.output().contains("{");
    String clean = (run.error().isBlank() && !isAnswer ? run.output() : run.error()).strip();
    List<String> secrets = new ArrayList<>(known);
    SECRET
        .matcher(run.output() + "\n" + run.error())
        .results()
        .map(match -> match.group(1))
        .forEach(secrets::add);
    helper
        .environment()
        .forEach(
            (name, value) -> {
              if (SECRET_VARIABLE.matcher(name.toUpperCase(Locale.ROOT)).matches()
                  && value.length() >= LEAST_SECRET) {
                secrets.add(value);
              }
            });
    for (String hidden : secrets) {
      clean = hidden.isEmpty() ? clean : clean.replace(hidden, "[redacted]");
    }
    return TOKEN.matcher(clean).replaceAll("[redacted]").replaceAll("\\s+", " ");
  }
}
