package dev.breakwater.clientconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.ZoneName;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The recipes of all clients, over plain HTTP and over TLS. */
class AllClientsTest {
  private static final List<ZoneName> THREE =
      List.of(ZoneName.DOCKER_HUB, new ZoneName("ghcr.io"), new ZoneName("quay.io"));

  @ParameterizedTest
  @EnumSource(Client.class)
  void recipeOverTlsNeverSpeaksOfPlainHttp(Client client) {
    ClientRecipes.Recipe recipe = recipe("https://mirror.example:5443", client);

    assertThat(recipe.text()).doesNotContain("insecure", "http = true", "http://");
    assertThat(recipe.notes()).isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Client.class,
      names = {"K3S", "PODMAN", "CRIO", "BUILDKIT"})
  void everyUpstreamIsWrittenOutWhereEachNeedsLines(Client client) {
    assertThat(recipe("http://10.0.0.1:5000", client).text())
        .contains("\"docker.io\"", "\"ghcr.io\"", "\"quay.io\"", "10.0.0.1:5000")
        .doesNotContain("the same for");
  }

  @Test
  void k3sHasAnEndpointWithTheSchemeForEachRegistry() {
    assertThat(recipe("http://10.0.0.1:5000", Client.K3S).text())
        .startsWith(
            """
            mirrors:
              "docker.io":
                endpoint:
                  - "http://10.0.0.1:5000"
              "ghcr.io":
            """);
  }

  @Test
  void swarmIsToldThatManagersNeedItToo() {
    ClientRecipes.Recipe swarm = recipe("http://10.0.0.1:5000", Client.SWARM);

    assertThat(swarm.text()).isEqualTo(recipe("http://10.0.0.1:5000", Client.DOCKER).text());
    assertThat(swarm.notes()).singleElement().asString().contains("managers");
  }

  @Test
  void privateCaOfDockerGoesIntoTheDirectoryOfTheMirror() {
    assertThat(recipe("https://mirror.example", Client.DOCKER).notes())
        .singleElement()
        .asString()
        .contains("/etc/docker/certs.d/mirror.example:443/ca.crt");
  }

  @Test
  void unknownClientNamesTheKnownOnes() {
    assertThatThrownBy(() -> Client.of("rkt"))
        .hasMessageContaining("rkt")
        .hasMessageContaining("docker, swarm, containerd, k3s, podman, crio, buildkit, kind");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "host:5000",
        "ftp://host",
        "http://",
        "http://host:0",
        "http://host:65536",
        "http://host/path",
        "http://user@host",
        "http://ho\"st",
        "http://host\n",
        "http://-host",
        "http://[]",
        "http://a b"
      })
  void whatIsNoUrlOfAMirrorIsRefused(String text) {
    assertThatThrownBy(() -> MirrorUrl.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void portIsThatOfTheSchemeWhereNoneIsGiven() {
    assertThat(MirrorUrl.parse("https://[2001:db8::1]/")).hasToString("https://[2001:db8::1]:443");
    assertThat(MirrorUrl.parse("http://mirror").address()).isEqualTo("mirror:80");
  }

  private static ClientRecipes.Recipe recipe(String mirror, Client client) {
    return ClientRecipes.complete(MirrorUrl.parse(mirror), THREE).of(client);
  }
}
