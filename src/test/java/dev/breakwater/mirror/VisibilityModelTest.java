package dev.breakwater.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.ReferrersIndex;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Identity;
import dev.breakwater.registry.Repository;
import dev.breakwater.upstream.BlobTransfer;
import dev.breakwater.upstream.ManifestHead;
import dev.breakwater.upstream.PulledManifest;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamHealth;
import dev.breakwater.upstream.UpstreamOutcome;
import dev.breakwater.upstream.UpstreamRegistry;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever happens in whatever order, a client reads what a plain model says it may. */
class VisibilityModelTest {
  private static final long TTL_SECONDS = 60;
  private static final List<RepositoryName> REPOSITORIES =
      List.of(new RepositoryName("team/one"), new RepositoryName("team/two"));
  private static final List<Identity> READERS =
      List.of(Identity.ANONYMOUS, new Identity("alice", Set.of("builders")));

  /** What happens. */
  enum Kind {
    PUBLISH,
    REVOKE,
    OUTAGE,
    RECOVERY,
    STEP,
    TAG,
    DIGEST,
    BLOB,
    TAGS
  }

  /**
   * One event.
   *
   * @param repository which one it concerns, by number
   * @param reader who asks, by number
   * @param seconds how far the clock goes
   */
  record Event(Kind kind, int repository, int reader, int seconds) {}

  /** The upstream, as anonymous users see it. */
  private static final class Public implements UpstreamRegistry {
    private final ZoneName zone;
    final Set<RepositoryName> open = ConcurrentHashMap.newKeySet();
    volatile boolean down;

    Public(ZoneName zone) {
      this.zone = zone;
    }

    private <T> Future<T> answer(RepositoryName repository, T value) {
      if (down) {
        return Future.failedFuture(
            new UpstreamException(UpstreamOutcome.CONNECT, "scripted outage", null));
      }
      return open.contains(repository)
          ? Future.succeededFuture(value)
          : Future.failedFuture(
              new UpstreamException(UpstreamOutcome.UNAUTHORIZED, "scripted 401", null));
    }

    @Override
    public ZoneName zone() {
      return zone;
    }

    @Override
    public UpstreamHealth health(ContentKind kind) {
      return UpstreamHealth.good(Duration.ofSeconds(1));
    }

    @Override
    public Future<ManifestHead> headManifest(
        RepositoryName repository, Reference reference, Optional<ManifestHead> before) {
      return answer(
          repository,
          new ManifestHead(
              ManifestPulls.FIRST.digest(),
              ManifestPulls.FIRST.mediaType(),
              ManifestPulls.FIRST.size()));
    }

    @Override
    public Future<OptionalLong> headBlob(RepositoryName repository, Digest digest) {
      return answer(repository, OptionalLong.of(1));
    }

    @Override
    public Future<List<Tag>> listTags(RepositoryName repository) {
      return answer(repository, List.of(ManifestPulls.LATEST));
    }

    @Override
    public Future<PulledManifest> getManifest(RepositoryName repository, Reference reference) {
      throw new AssertionError("content is fetched with the credentials");
    }

    @Override
    public Future<BlobTransfer> openBlob(
        RepositoryName repository, Digest digest, long first, OptionalLong last) {
      throw new AssertionError("content is fetched with the credentials");
    }

    @Override
    public Future<Optional<ReferrersIndex>> listReferrers(
        RepositoryName repository, Digest subject) {
      throw new AssertionError("content is fetched with the credentials");
    }
  }

  /** What upstream last said of a repository, and when. */
  private record Verdict(boolean isPublic, long second) {}

  /** The plain model. */
  private static final class Oracle {
    private final Map<RepositoryName, Verdict> verdicts = new HashMap<>();
    private long now;

    /** Why the client gets nothing; empty if it gets what it asks for. */
    Optional<FailureCause> refusal(RepositoryName name, Public upstream) {
      Verdict last = verdicts.get(name);
      if (last == null || now - last.second() >= TTL_SECONDS) {
        if (!upstream.down) {
          last = new Verdict(upstream.open.contains(name), now);
          verdicts.put(name, last);
        } else if (last == null) {
          return Optional.of(FailureCause.UPSTREAM_CONNECT);
        }
      }
      return last.isPublic() ? Optional.empty() : Optional.of(FailureCause.NOT_PUBLIC);
    }
  }

  @Provide
  Arbitrary<List<Event>> events() {
    return Combinators.combine(
            Arbitraries.of(Kind.class),
            Arbitraries.integers().between(0, REPOSITORIES.size() - 1),
            Arbitraries.integers().between(0, READERS.size() - 1),
            Arbitraries.of(1, 20, 59, 60, 61, 1000))
        .as(Event::new)
        .list()
        .ofMinSize(5)
        .ofMaxSize(60);
  }

  @Property(tries = 40)
  void clientReadsWhatTheModelSays(@ForAll("events") List<Event> events) throws Exception {
    Path directory = Files.createTempDirectory("visibility");
    MirrorFixture mirror = new MirrorFixture(directory);
    try {
      run(events, mirror);
    } finally {
      mirror.close();
      delete(directory);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void run(List<Event> events, MirrorFixture mirror) throws Exception {
    mirror.hub.put(ManifestPulls.LATEST, ManifestPulls.FIRST);
    mirror.hub.tags = List.of(ManifestPulls.LATEST);
    Public upstream = new Public(mirror.hub.zone());
    PullThroughRegistry everything =
        new PullThroughRegistry(mirror.mirror, mirror.hub, ZoneAccess.OPEN);
    for (RepositoryName name : REPOSITORIES) {
      Repository cached = everything.repository(name, Identity.ANONYMOUS);
      mirror.onLoop(() -> cached.manifests().get(ManifestPulls.LATEST)).await(10, TimeUnit.SECONDS);
    }
    PullThroughRegistry registry =
        new PullThroughRegistry(
            mirror.mirror,
            mirror.hub,
            new ZoneAccess(RepositoryRules.NONE, Readers.ALL, Optional.of(upstream)));
    Oracle oracle = new Oracle();
    for (Event event : events) {
      RepositoryName name = REPOSITORIES.get(event.repository());
      switch (event.kind()) {
        case PUBLISH -> upstream.open.add(name);
        case REVOKE -> upstream.open.remove(name);
        case OUTAGE -> {
          upstream.down = true;
          mirror.hub.breakWith(UpstreamOutcome.CONNECT);
        }
        case RECOVERY -> {
          upstream.down = false;
          mirror.hub.heal();
        }
        case STEP -> {
          mirror.clock.turn(Duration.ofSeconds(event.seconds()));
          oracle.now += event.seconds();
        }
        case TAG, DIGEST, BLOB, TAGS ->
            assertThat(outcome(event, registry, mirror))
                .as("%s of %s", event, events)
                .isEqualTo(oracle.refusal(name, upstream));
      }
    }
  }

  private static Optional<FailureCause> outcome(
      Event event, PullThroughRegistry registry, MirrorFixture mirror) throws Exception {
    Repository repository =
        registry.repository(REPOSITORIES.get(event.repository()), READERS.get(event.reader()));
    return mirror
        .onLoop(
            () ->
                ask(event.kind(), repository)
                    .transform(
                        result ->
                            Future.succeededFuture(
                                result.failed()
                                    ? Optional.of(
                                        ((RegistryException) result.cause()).failureCause())
                                    : Optional.<FailureCause>empty())))
        .await(10, TimeUnit.SECONDS);
  }

  private static Future<?> ask(Kind kind, Repository repository) {
    return switch (kind) {
      case TAG -> repository.manifests().get(ManifestPulls.LATEST);
      case DIGEST -> repository.manifests().stat(ManifestPulls.FIRST.digest());
      case BLOB -> repository.blobs().stat(ManifestPulls.FIRST.digest());
      case TAGS -> repository.tags().list();
      case PUBLISH, REVOKE, OUTAGE, RECOVERY, STEP ->
          throw new IllegalArgumentException("no question: " + kind);
    };
  }
}
