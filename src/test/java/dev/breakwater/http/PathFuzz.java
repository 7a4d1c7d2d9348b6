package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.fuzz.FuzzText;
import dev.breakwater.oci.DistributionRequest;
import dev.breakwater.oci.DistributionRequest.Base;
import dev.breakwater.oci.DistributionRequest.BlobResource;
import dev.breakwater.oci.DistributionRequest.Catalog;
import dev.breakwater.oci.DistributionRequest.ManifestResource;
import dev.breakwater.oci.DistributionRequest.ReferrersResource;
import dev.breakwater.oci.DistributionRequest.TagListResource;
import dev.breakwater.oci.DistributionRequest.UploadResource;
import dev.breakwater.oci.DistributionRequest.UploadsResource;
import dev.breakwater.oci.RegistryException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Request targets and {@code Host} headers: what the front filter lets through, and what a path
 * that it let through means. The second opinion is the specification's grammar as one regular
 * expression.
 */
public final class PathFuzz {
  private static final String WORD = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*+";
  private static final String NAME = "(?<name>" + WORD + "(?:/" + WORD + ")*)";
  private static final String DIGEST = "sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}";
  private static final String TAG = "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}";
  private static final Pattern PATH =
      Pattern.compile(
          "(?:/(?<prefix>(?!v2/)[a-z0-9._-]+))?/v2(?:/?|(?<catalog>/_catalog)|/"
              + NAME
              + "/(?:manifests/(?<manifest>"
              + TAG
              + "|"
              + DIGEST
              + ")|blobs/(?<blob>"
              + DIGEST
              + ")|blobs/(?<uploads>uploads/?)|blobs/uploads/(?<upload>[A-Za-z0-9._-]{1,128})"
              + "|(?<tags>tags/list)|referrers/(?<referrers>"
              + DIGEST
              + ")))");
  private static final Pattern CLEAN = Pattern.compile("/[A-Za-z0-9/._~:@=+!$&'()*,;-]*");
  private static final Pattern DOTS = Pattern.compile("//|/\\.\\.?(/|$)");
  private static final Pattern QUERY = Pattern.compile("[!-~&&[^#]]*");
  private static final Pattern HOST =
      Pattern.compile("(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f.:]{2,}])(?::[0-9]{1,5})?");

  private PathFuzz() {}

  /** A request target, and in the second line a host. */
  public static void fuzzerTestOneInput(byte[] input) {
    String[] lines = FuzzText.lines(input, 2);
    RequestTarget target = RequestTarget.of(lines[0], lines[1]);
    String line = lines[0];
    boolean accepted =
        FrontFilter.check(
                HttpMethod.GET,
                HttpVersion.HTTP_1_1,
                target,
                MultiMap.caseInsensitiveMultiMap().add("Host", lines[1]),
                100)
            .isEmpty();
    assertThat(accepted).as(line).isEqualTo(isClean(target) && isHost(lines[1]));
    if (accepted) {
      checkMeaning(target.path());
    }
  }

  private static boolean isClean(RequestTarget target) {
    String path = target.path();
    String query = target.uri().substring(path.length());
    return (!target.isAbsolute() || isHost(target.host()))
        && CLEAN.matcher(path).matches()
        && !DOTS.matcher(path).find()
        && query.length() <= 4097
        && QUERY.matcher(query).matches();
  }

  private static boolean isHost(String text) {
    return text.length() <= 260 && HOST.matcher(text).matches();
  }

  private static void checkMeaning(String path) {
    Matcher expected = PATH.matcher(path);
    Optional<DistributionRequest> found = parse(path);
    boolean valid =
        expected.matches()
            && (expected.group("name") == null || expected.group("name").length() <= 255);
    assertThat(found.isPresent()).as(path).isEqualTo(valid);
    if (found.isEmpty()) {
      return;
    }
    String prefix = expected.group("prefix");
    assertThat(found.get().prefix()).as(path).isEqualTo(prefix == null ? "" : prefix);
    String name = expected.group("name");
    String rest =
        switch (found.get().resource()) {
          case Base() -> "";
          case Catalog() -> "_catalog";
          case ManifestResource(var repository, var reference) ->
              named(name, repository) + "/manifests/" + reference;
          case BlobResource(var repository, var digest) ->
              named(name, repository) + "/blobs/" + digest;
          case UploadsResource(var repository) -> named(name, repository) + "/blobs/uploads";
          case UploadResource(var repository, var id) ->
              named(name, repository) + "/blobs/uploads/" + id;
          case TagListResource(var repository) -> named(name, repository) + "/tags/list";
          case ReferrersResource(var repository, var digest) ->
              named(name, repository) + "/referrers/" + digest;
        };
    String again = (prefix == null ? "" : "/" + prefix) + "/v2/" + rest;
    assertThat(again).isIn(path, path + "/", path.replaceFirst("/$", ""));
  }

  private static Object named(String expected, Object name) {
    assertThat(name).hasToString(expected);
    return name;
  }

  private static Optional<DistributionRequest> parse(String path) {
    try {
      return Optional.of(DistributionRequest.parse(path));
    } catch (RegistryException e) {
      assertThat(e).hasMessageMatching("[ -~]{1,2000}");
      return Optional.empty();
    }
  }
}
