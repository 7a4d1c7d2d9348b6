package dev.breakwater.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Debian's skopeo 1.9, copying images with all their platforms into directories. */
final class Skopeo implements ImageClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern NAMED_BY_DIGEST =
      Pattern.compile("([0-9a-f]{64})(\\.manifest\\.json)?");

  /** How skopeo is told of the mirror. */
  private interface Source {
    /** The command up to where the image comes from, which is the last word. */
    Command copy(String reference);
  }

  private final Workspace workspace;
  private final Source source;
  private final Map<String, Path> copies = new HashMap<>();

  private Skopeo(Workspace workspace, Source source) {
    this.workspace = workspace;
    this.source = source;
  }

  /** Asks for {@code docker.io/…}; the mirror stands in its {@code registries.conf}. */
  static Skopeo configured(Workspace workspace, BreakwaterProcess mirror) {
    return configured(workspace, RegistriesConf.write(workspace, mirror));
  }

  /** Reads this {@code registries.conf}. */
  static Skopeo configured(Workspace workspace, Path registries) {
    return new Skopeo(
        workspace,
        reference ->
            Command.of("/usr/bin/skopeo", "--registries-conf", registries)
                .and("copy", "--quiet", "--all", "docker://" + reference));
  }

  /** Asks by whatever address is in the reference, over TLS, with the logins of this file. */
  static Skopeo withLogins(Workspace workspace, Path logins) {
    return new Skopeo(
        workspace,
        reference ->
            Command.of("/usr/bin/skopeo", "copy", "--quiet", "--all", "--authfile", logins)
                .and("docker://" + reference));
  }

  /** Logs in at a registry; the login goes into this file. */
  static void login(Path logins, String address, String user, String password) {
    Command.of("/usr/bin/skopeo", "login", "--authfile", logins)
        .and("--username", user, "--password", password, address)
        .run();
  }

  /** Asks Breakwater by its own address, as people do who try a mirror by hand. */
  static Skopeo direct(Workspace workspace, BreakwaterProcess mirror) {
    return new Skopeo(
        workspace,
        reference ->
            Command.of("/usr/bin/skopeo", "copy", "--quiet", "--all", "--src-tls-verify=false")
                .and("docker://" + reference.replaceFirst("^docker\\.io", mirror.address())));
  }

  @Override
  public String pull(String reference) {
    Path copy = workspace.store("skopeo");
    source.copy(reference).and("dir:" + copy).run();
    copies.put(reference, copy);
    try (Stream<Path> files = Files.list(copy)) {
      files.forEach(Skopeo::checkDigest);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Blob.of("", copy.resolve("manifest.json")).digest();
  }

  @Override
  public String identityOf(TestImage image) {
    return image.digest();
  }

  /** Reads what a container would print from the topmost layer: skopeo does not run containers. */
  @Override
  public String run(String reference) {
    Path copy = copies.get(reference);
    JsonNode manifest = json(copy.resolve("manifest.json"));
    for (JsonNode child : manifest.path("manifests")) {
      if (child.at("/platform/architecture").asText().equals(TestImages.HERE)) {
        manifest = json(copy.resolve(hex(child) + ".manifest.json"));
      }
    }
    JsonNode layers = manifest.path("layers");
    Path topmost = copy.resolve(hex(layers.get(layers.size() - 1)));
    return Command.of("tar", "-xOf", topmost, "etc/marker").run();
  }

  @Override
  public void emptyStore() {
    copies.clear();
  }

  @Override
  public void close() {
    copies.clear();
  }

  private static void checkDigest(Path file) {
    Matcher name = NAMED_BY_DIGEST.matcher(file.getFileName().toString());
    if (name.matches() && !Blob.of("", file).digest().equals("sha256:" + name.group(1))) {
      throw new AssertionError(file + " does not hold what its name says");
    }
  }

  private static String hex(JsonNode descriptor) {
    return descriptor.path("digest").asText().substring("sha256:".length());
  }

  private static JsonNode json(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
