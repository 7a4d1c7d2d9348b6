package dev.breakwater.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZonesTest {
  private static final Zones ZONES =
      new Zones(
          List.of(registry("docker.io"), registry("ghcr.io"), registry("localhost:5001")),
          ZoneName.DOCKER_HUB);

  private static Registry registry(String name) {
    ZoneName zone = new ZoneName(name);
    return new Registry() {
      @Override
      public ZoneName zone() {
        return zone;
      }

      @Override
      public Repository repository(RepositoryName repository, Identity reader) {
        return new BareRepository(zone, repository);
      }

      @Override
      public Future<List<RepositoryName>> repositories(
          Identity reader, Optional<RepositoryName> after, int most) {
        throw new AssertionError("only looked up");
      }
    };
  }

  private record BareRepository(ZoneName zone, RepositoryName name) implements Repository {
    @Override
    public Manifests manifests() {
      throw new AssertionError("only looked up");
    }

    @Override
    public Blobs blobs() {
      throw new AssertionError("only looked up");
    }

    @Override
    public TagList tags() {
      throw new AssertionError("only looked up");
    }

    @Override
    public Referrers referrers() {
      throw new AssertionError("only looked up");
    }
  }

  private static Zones.Target resolve(String ns, String host, String prefix, String name) {
    return ZONES.resolve(
        Optional.ofNullable(ns), host, prefix == null ? "" : prefix, new RepositoryName(name));
  }

  @ParameterizedTest
  @CsvSource({
    // ns, host, prefix, name, zone, repository
    ", m:5000, , redis, docker.io, library/redis",
    ", m:5000, , library/redis, docker.io, library/redis",
    ", m:5000, , user/app, docker.io, user/app",
    "docker.io, m, , library/redis, docker.io, library/redis",
    "docker.io, m, , redis, docker.io, library/redis",
    "registry-1.docker.io, m, , redis, docker.io, library/redis",
    "index.docker.io, m, , user/app, docker.io, user/app",
    "Index.Docker.IO, m, , user/app, docker.io, user/app",
    "ghcr.io, m, , app, ghcr.io, app",
    "ghcr.io, m, , org/app, ghcr.io, org/app",
    "ghcr.io, docker.io, docker.io, org/app, ghcr.io, org/app",
    "localhost:5001, m, , app, localhost:5001, app",
    ", ghcr.io, , org/app, ghcr.io, org/app",
    ", GHCR.io:443, , org/app, ghcr.io, org/app",
    ", ghcr.io:5000, , org/app, docker.io, org/app",
    ", ghcr.io, docker.io, org/app, ghcr.io, org/app",
    ", localhost:5001, , app, localhost:5001, app",
    ", m, ghcr.io, org/app, ghcr.io, org/app",
    ", m, docker.io, redis, docker.io, library/redis",
    ", m, , ghcr.io/org/app, ghcr.io, org/app",
    ", m, , docker.io/redis, docker.io, library/redis",
    ", m, , docker.io/library/redis, docker.io, library/redis",
    ", m, , index.docker.io/user/app, docker.io, user/app",
    // buildkit: a mirror with a path, and ns
    "docker.io, m, , docker.io/library/redis, docker.io, library/redis",
    "ghcr.io, m, , ghcr.io/org/app, ghcr.io, org/app",
    // a component that names another registry is part of the name once ns has decided
    "docker.io, m, , ghcr.io/app, docker.io, ghcr.io/app",
  })
  void requestMeansOneRepository(
      String ns, String host, String prefix, String name, String zone, String repository) {
    Zones.Target target = resolve(ns, host, prefix, name);

    assertThat(target.zone().value()).isEqualTo(zone);
    assertThat(target.name().value()).isEqualTo(repository);
    assertThat(target.repository(Identity.ANONYMOUS).zone()).isEqualTo(target.zone());
    assertThat(target.repository(Identity.ANONYMOUS).name()).isEqualTo(target.name());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quay.io",
        "169.254.169.254",
        "localhost:6379",
        "docker.io.evil",
        "docker.io.",
        "https://docker.io",
        "",
        " docker.io"
      })
  void unknownNamespaceIsNamedWithTheKeyThatAddsIt(String ns) {
    assertThatThrownBy(() -> resolve(ns, "ghcr.io", "", "a/b"))
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NAME_UNKNOWN))
        .hasMessageContaining('"' + ns + '"')
        .hasMessageContaining("upstreams." + ns);
  }

  @Test
  void unknownPrefixIsNotTakenForTheDefault() {
    assertThatThrownBy(() -> resolve(null, "m", "quay.io", "a/b"))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("quay.io");
  }

  @Test
  void nameThatGrowsTooLongIsInvalid() {
    assertThatThrownBy(() -> resolve(null, "m", "", "a".repeat(255)))
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NAME_INVALID));
  }

  @Test
  void defaultRegistryMustBeConfigured() {
    assertThatThrownBy(() -> new Zones(List.of(registry("ghcr.io")), ZoneName.DOCKER_HUB))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("docker.io");
  }

  @Test
  void twoRegistriesOfOneNameAreRefused() {
    assertThatThrownBy(() -> new Zones(List.of(registry("a"), registry("a")), new ZoneName("a")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Provide
  Arbitrary<String> names() {
    Arbitrary<String> component =
        Arbitraries.of("ghcr.io", "docker.io", "index.docker.io", "library", "redis", "a", "b-c");
    return component.list().ofMinSize(1).ofMaxSize(4).map(list -> String.join("/", list));
  }

  @Property
  void whateverIsAskedOnlyConfiguredZonesAreMeantAndHubNamesHaveTwoComponents(
      @ForAll("names") String name, @ForAll("names") String host, @ForAll("names") String prefix) {
    Zones.Target target;
    try {
      target = resolve(null, host, prefix.contains("/") ? "" : prefix, name);
    } catch (RegistryException unknown) {
      assertThat(unknown.code()).isIn(ErrorCode.NAME_UNKNOWN, ErrorCode.NAME_INVALID);
      return;
    }
    assertThat(target.zone().value()).isIn("docker.io", "ghcr.io", "localhost:5001");
    assertThat(("library/" + name)).endsWith(target.name().value().replaceFirst("^library/", ""));
    if (target.zone().equals(ZoneName.DOCKER_HUB)) {
      assertThat(target.name().isSingleComponent()).isFalse();
    }
  }

  @Property
  void namingTheZoneFoundFindsItAgain(@ForAll("names") String name) {
    Zones.Target first;
    try {
      first = resolve(null, "m", "", name);
    } catch (RegistryException invalid) {
      return;
    }
    Zones.Target again = resolve(first.zone().value(), "m", "", first.zone() + "/" + first.name());
    assertThat(again.zone()).isEqualTo(first.zone());
    assertThat(again.name()).isEqualTo(first.name());
  }

  @ParameterizedTest
  @CsvSource({
    "ghcr.io, m, '', ghcr.io=",
    "index.docker.io, m, '', docker.io=",
    "'', ghcr.io, '', ghcr.io=",
    "'', 'ghcr.io:443', '', ghcr.io=",
    "'', m, ghcr.io, ghcr.io=",
    "localhost:5001, m, '', localhost:5001=",
    "'', m, '', docker.io= ghcr.io=ghcr.io/"
  })
  void catalogIsOfTheNamedRegistryOrOfAllByNamesThatFindThem(
      String ns, String host, String prefix, String expected) {
    assertThat(
            ZONES.catalog(Optional.of(ns).filter(text -> !text.isEmpty()), host, prefix).stream()
                .map(part -> part.registry().zone() + "=" + part.prefix()))
        .containsExactlyInAnyOrder(expected.split(" "));
  }

  @Test
  void catalogOfAnUnknownRegistryIsRefused() {
    assertThatThrownBy(() -> ZONES.catalog(Optional.of("quay.io"), "m", ""))
        .isInstanceOf(RegistryException.class);
    assertThatThrownBy(() -> ZONES.catalog(Optional.empty(), "m", "quay.io"))
        .isInstanceOf(RegistryException.class);
  }
}
