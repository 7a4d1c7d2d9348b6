package dev.breakwater.upstream;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.breakwater.oci.JsonReader;
import dev.breakwater.oci.Quoted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The logins in docker's {@code config.json}, which podman's {@code auth.json} and the {@code
 * .dockerconfigjson} of Kubernetes resemble.
 *
 * @param subject what messages call the file
 * @param auths by the name of the registry
 * @param helpers {@code credHelpers}: credential helpers by the name of the registry
 * @param store {@code credsStore}: the credential helper of all other registries
 */
record DockerConfig(
    String subject, Map<String, Entry> auths, Map<String, String> helpers, Optional<String> store) {

  /**
   * What is stored of one registry; empty texts count as absent.
   *
   * @param auth base64 of {@code username:password}
   * @param username the name, if it is not in {@code auth}
   * @param password the password, likewise
   * @param identityToken what is used in place of a password
   */
  record Entry(
      Optional<String> auth,
      Optional<String> username,
      Optional<String> password,
      Optional<String> identityToken) {
    @Override
    public String toString() {
      return "Entry[redacted]";
    }
  }

  /** Reads the file's content. */
  static DockerConfig parse(String subject, byte[] json) throws CredentialException {
    Fields fields = new Fields();
    try {
      JsonReader.readDocument(json, fields::field);
    } catch (JacksonException e) {
      // Its message may quote the file.
      throw new CredentialException(
          subject
              + " is not valid JSON"
              + (e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr())
              + "; write it anew with docker login");
    } catch (IOException e) {
      throw new CredentialException(
          subject + " is not UTF-8 text; write it anew with docker login");
    }
    return new DockerConfig(subject, fields.auths, fields.helpers, fields.store);
  }

  /** The credential helper that is for this registry alone. */
  Optional<String> helperOf(ServerAddress server) {
    return of(server, helpers);
  }

  /** The login that is written in the file itself. */
  Optional<Credentials> loginOf(ServerAddress server) throws CredentialException {
    Optional<Entry> entry = of(server, auths);
    return entry.isEmpty() ? Optional.empty() : login(server, entry.get());
  }

  private static <T> Optional<T> of(ServerAddress server, Map<String, T> values) {
    return Optional.ofNullable(values.get(server.text()))
        .or(
            () ->
                values.entrySet().stream()
                    .filter(value -> server.isNamed(value.getKey()))
                    .map(Map.Entry::getValue)
                    .findFirst());
  }

  private Optional<Credentials> login(ServerAddress server, Entry entry)
      throws CredentialException {
    try {
      if (entry.identityToken.isPresent()) {
        return entry.identityToken.map(Credentials::identityToken);
      }
      if (entry.auth.isPresent()) {
        return Optional.of(decoded(entry.auth.get()));
      }
      return entry.username.flatMap(
          name -> entry.password.map(password -> new Credentials(name, password)));
    } catch (IllegalArgumentException e) {
      throw new CredentialException(
          subject
              + " has a login for "
              + Quoted.of(server.text())
              + " that cannot be used: its auth must be base64 of USER:PASSWORD, without control"
              + " characters; write it anew with docker login");
    }
  }

  /** Like docker: the name ends at the first colon, and zero bytes at the end do not count. */
  private static Credentials decoded(String auth) {
    String pair = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
    int colon = pair.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("no colon");
    }
    return new Credentials(
        pair.substring(0, colon), pair.substring(colon + 1).replaceFirst("\\x00+$", ""));
  }

  private static final class Fields {
    private final Map<String, Entry> auths = new LinkedHashMap<>();
    private final Map<String, String> helpers = new LinkedHashMap<>();
    private Optional<String> store = Optional.empty();

    void field(String name, JsonParser value) throws IOException {
      switch (name) {
        case "auths" -> object(value, (server, entry) -> auths.put(server, entry(entry)));
        case "credHelpers" ->
            object(
                value,
                (server, helper) ->
                    JsonReader.text(helper).ifPresent(text -> helpers.put(server, text)));
        case "credsStore" -> store = JsonReader.text(value).filter(text -> !text.isEmpty());
        default -> {
          // Not about logins.
        }
      }
    }

    private static void object(JsonParser value, JsonReader.FieldHandler fields)
        throws IOException {
      if (value.currentToken() == JsonToken.START_OBJECT) {
        JsonReader.readObject(value, fields);
      }
    }

    private static Entry entry(JsonParser value) throws IOException {
      Map<String, String> texts = new LinkedHashMap<>();
      object(
          value,
          (name, text) ->
              JsonReader.text(text)
                  .filter(found -> !found.isEmpty())
                  .ifPresent(found -> texts.put(name, found)));
      return new Entry(
          Optional.ofNullable(texts.get("auth")),
          Optional.ofNullable(texts.get("username")),
          Optional.ofNullable(texts.get("password")),
          Optional.ofNullable(texts.get("identitytoken")));
    }
  }
}
