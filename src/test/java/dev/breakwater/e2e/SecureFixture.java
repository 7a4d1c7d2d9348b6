package dev.breakwater.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.testing.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.TestInfo;

/**
 * Breakwater off localhost, with TLS by a private authority and one user. All clients may pull from
 * {@code docker.io}, only the user from {@code ghcr.io}; behind both names is one registry.
 */
final class SecureFixture implements AutoCloseable {
  static final String USER = "alice";
  static final String PASSWORD = "correct-horse-battery";

  private final Workspace workspace;
  private final Upstream upstream;
  private final BreakwaterProcess mirror;
  private final Path authority;
  private final Path trusted;

  SecureFixture(TestInfo test) {
    workspace = new Workspace(test);
    upstream = Upstream.start(workspace, TestImages.shared());
    authority = TestCertificates.authority();
    String address = MachineAddress.free();
    Path files = workspace.store("tls");
    String host = address.substring(0, address.lastIndexOf(':'));
    TestCertificates.write(files, "server", "ip:" + host);
    Map<String, String> settings = new HashMap<>(upstream.settings());
    settings.put("BREAKWATER_LISTENERS_0_TLS_0_CERTIFICATE", files + "/server.crt");
    settings.put("BREAKWATER_LISTENERS_0_TLS_0_KEY", files + "/server.key");
    settings.put("BREAKWATER_ACCESS_HTPASSWD", users().toString());
    settings.put("BREAKWATER_UPSTREAMS_GHCR_IO_URL", upstream.uri().toString());
    settings.put("BREAKWATER_UPSTREAMS_GHCR_IO_ACCESS", USER);
    settings.put(
        "BREAKWATER_UPSTREAMS_GHCR_IO_REALMS",
        settings.get("BREAKWATER_UPSTREAMS_DOCKER_IO_REALMS"));
    mirror = BreakwaterProcess.startAt(workspace, address, upstream.uri(), settings);
    // Last, since nothing outside of the workspace may stay when the start fails.
    trusted = trust(address, authority);
  }

  private Path users() {
    return workspace.file(
        "htpasswd", Command.of("/usr/bin/htpasswd", "-nbB", USER, PASSWORD).run() + "\n");
  }

  /** Where Docker, podman and skopeo look for the authority of a registry. */
  private static Path trust(String address, Path authority) {
    try {
      Path directory = Files.createDirectories(Path.of("/etc/docker/certs.d", address));
      Files.copy(authority, directory.resolve("ca.crt"));
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Workspace workspace() {
    return workspace;
  }

  BreakwaterProcess mirror() {
    return mirror;
  }

  String address() {
    return mirror.address();
  }

  /** A directory of {@code hosts.toml} that tells containerd whom to trust at the mirror. */
  Path hosts() {
    return workspace
        .file(
            "hosts/" + address() + "/hosts.toml",
            """
            server = "%1$s"
            [host."%1$s"]
              capabilities = ["pull", "resolve"]
              ca = "%2$s"
            """
                .formatted(mirror.uri(), authority))
        .getParent()
        .getParent();
  }

  /** The client gets what is open, and what is for the user after the login only. */
  void assertPulls(ImageClient client, Runnable login) {
    TestImage image = small().getFirst();
    TestImage other = small().getLast();
    String open = RecipeFixture.in(address(), image);
    String closed = RecipeFixture.in(address() + "/ghcr.io", other);
    assertThat(client.pull(open)).as(open).isEqualTo(client.identityOf(image));
    assertThatThrownBy(() -> client.pull(closed)).as(closed).isInstanceOf(AssertionError.class);
    login.run();
    assertThat(client.pull(closed)).as(closed).isEqualTo(client.identityOf(other));
    assertThat(workspaceLog()).doesNotContain(PASSWORD);
  }

  private String workspaceLog() {
    try {
      return Files.readString(workspace.log("breakwater"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<TestImage> small() {
    return TestImages.shared().all().stream()
        .filter(image -> image.manifests() > 1 && image.traits().isEmpty())
        .toList();
  }

  @Override
  public void close() {
    mirror.close();
    upstream.close();
    workspace.close();
    try {
      Files.deleteIfExists(trusted.resolve("ca.crt"));
      Files.deleteIfExists(trusted);
      Files.deleteIfExists(authority);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
