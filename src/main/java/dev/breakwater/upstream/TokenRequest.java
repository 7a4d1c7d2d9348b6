package dev.breakwater.upstream;

import dev.breakwater.oci.RepositoryName;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What to ask of a token server, as a challenge stated it.
 *
 * @param realm where; checked by {@link RealmPolicy}
 * @param service the audience, or empty
 * @param scopes what for; never more than pulling
 */
record TokenRequest(Target realm, Optional<String> service, List<String> scopes) {
  private static final int MAX_PARAMETER = 1024;
  private static final String REPOSITORY = "repository:";

  /**
   * Reads a Bearer challenge for a repository. Its own scope is used if there is one, since some
   * registries (public.ecr.aws) have none of the usual form, but a registry cannot talk us into a
   * token that may do more than pull.
   */
  static TokenRequest of(Challenge challenge, Target realm, RepositoryName repository) {
    List<String> scopes = new ArrayList<>();
    String stated = challenge.parameter("scope").filter(TokenRequest::isShort).orElse("");
    for (String scope : stated.split(" +", -1)) {
      if (!scope.isEmpty()) {
        scopes.add(pullOnly(scope));
      }
    }
    if (scopes.isEmpty()) {
      scopes.add(REPOSITORY + repository + ":pull");
    }
    return new TokenRequest(
        realm,
        challenge.parameter("service").filter(TokenRequest::isShort),
        scopes.stream().distinct().toList());
  }

  /** The realm with the question appended to whatever query it has. */
  Target target() {
    StringBuilder uri = new StringBuilder(realm.requestUri());
    char separator = realm.requestUri().indexOf('?') < 0 ? '?' : '&';
    if (service.isPresent()) {
      uri.append(separator).append("service=").append(encode(service.get()));
      separator = '&';
    }
    for (String scope : scopes) {
      uri.append(separator).append("scope=").append(encode(scope));
      separator = '&';
    }
    return new Target(realm.origin(), uri.toString());
  }

  /** The form by which an identity token is exchanged for a token (RFC 6749 §6). */
  String form(String identityToken) {
    StringBuilder form = new StringBuilder("grant_type=refresh_token&client_id=breakwater");
    service.ifPresent(audience -> form.append("&service=").append(encode(audience)));
    form.append("&scope=").append(encode(String.join(" ", scopes)));
    return form.append("&refresh_token=").append(encode(identityToken)).toString();
  }

  private static String pullOnly(String scope) {
    int actions = scope.lastIndexOf(':');
    return scope.startsWith(REPOSITORY) && actions >= REPOSITORY.length()
        ? scope.substring(0, actions) + ":pull"
        : scope;
  }

  private static boolean isShort(String text) {
    return text.length() <= MAX_PARAMETER;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
