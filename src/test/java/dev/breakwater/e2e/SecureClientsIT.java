package dev.breakwater.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Debian's clients over TLS by a private authority, with and without a login. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("peers")
class SecureClientsIT {
  @Test
  void dockerPullsByHandAndThroughTheMirrorAndLogsIn(TestInfo test) {
    try (SecureFixture secure = new SecureFixture(test);
        Dockerd docker = new Dockerd(secure.workspace(), secure.mirror())) {
      secure.assertPulls(
          docker,
          () ->
              docker
                  .cli()
                  .run(
                      "login",
                      "--username",
                      SecureFixture.USER,
                      "--password",
                      SecureFixture.PASSWORD,
                      secure.address()));
      TestImage image = TestImages.shared().all().getFirst();
      assertThat(docker.pull(image.byTag())).isEqualTo(docker.identityOf(image));
    }
  }

  @Test
  void podmanPullsAndLogsIn(TestInfo test) {
    try (SecureFixture secure = new SecureFixture(test);
        Podman podman =
            new Podman(secure.workspace(), RegistriesConf.write(secure.workspace(), ""))) {
      secure.assertPulls(
          podman, () -> podman.login(secure.address(), SecureFixture.USER, SecureFixture.PASSWORD));
    }
  }

  @Test
  void skopeoCopiesAndLogsIn(TestInfo test) {
    try (SecureFixture secure = new SecureFixture(test)) {
      Path logins = secure.workspace().file("skopeo/auth.json", "{}");
      try (Skopeo skopeo = Skopeo.withLogins(secure.workspace(), logins)) {
        secure.assertPulls(
            skopeo,
            () ->
                Skopeo.login(logins, secure.address(), SecureFixture.USER, SecureFixture.PASSWORD));
      }
    }
  }

  @Test
  void containerdPullsAndLogsIn(TestInfo test) {
    try (SecureFixture secure = new SecureFixture(test);
        Containerd containerd = Containerd.debian(secure.workspace(), secure.hosts())) {
      secure.assertPulls(
          containerd, () -> containerd.login(SecureFixture.USER, SecureFixture.PASSWORD));
    }
  }
}
