package dev.breakwater.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.registry.Identity;
import dev.breakwater.registry.Repository;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Who may read a registry: those who may get all of it, others nothing, cached or not. */
class ReadersTest extends ManifestPulls {
  private static final RepositoryName NGINX = new RepositoryName("library/nginx");
  private static final Identity ALICE = new Identity("alice", Set.of());
  private static final Identity BOB = new Identity("bob", Set.of("builders"));
  private static final Identity CAROL = new Identity("carol", Set.of("alice", "others"));
  private static final Readers SOME =
      new Readers(false, false, Set.of("alice"), Set.of("builders"));
  private static final Readers LOGGED_IN = new Readers(false, true, Set.of(), Set.of());

  private PullThroughRegistry registry(Readers readers) {
    return new PullThroughRegistry(
        mirror.mirror, mirror.hub, new ZoneAccess(RepositoryRules.NONE, readers, Optional.empty()));
  }

  /** Every way to ask for something. */
  private static List<Supplier<Future<?>>> questions(Repository repository) {
    return List.of(
        () -> repository.manifests().get(LATEST),
        () -> repository.manifests().stat(LATEST),
        () -> repository.manifests().get(FIRST.digest()),
        () -> repository.manifests().stat(FIRST.digest()),
        () -> repository.blobs().open(FIRST.digest(), Optional.empty()),
        () -> repository.blobs().stat(FIRST.digest()),
        () -> repository.tags().list(),
        () -> repository.referrers().list(FIRST.digest(), Optional.empty()));
  }

  private void assertRefused(Readers readers, Identity reader, ErrorCode code) {
    int asked = mirror.hub.manifestHeads.get() + mirror.hub.tagLists.get();
    for (Supplier<Future<?>> question : questions(registry(readers).repository(NGINX, reader))) {
      Throwable refusal = await(mirror.onLoop(() -> failureOf(question.get())));
      assertThat(refusal)
          .isInstanceOfSatisfying(
              RegistryException.class,
              e -> {
                assertThat(e.code()).isEqualTo(code);
                assertThat(e.failureCause()).isEqualTo(FailureCause.NO_ACCESS);
              })
          .hasMessageContaining("upstreams.docker.io.access");
    }
    assertThat(mirror.hub.manifestHeads.get() + mirror.hub.tagLists.get())
        .as("upstream is not asked")
        .isEqualTo(asked);
    assertThat(catalog(readers, reader)).isEmpty();
  }

  private static Future<Throwable> failureOf(Future<?> answer) {
    return answer.transform(
        result ->
            result.failed()
                ? Future.succeededFuture(result.cause())
                : Future.failedFuture(new AssertionError("answered " + result.result())));
  }

  private void assertReads(Readers readers, Identity reader) {
    Repository repository = registry(readers).repository(NGINX, reader);
    assertThat(await(mirror.onLoop(() -> repository.manifests().get(LATEST))).value())
        .isEqualTo(FIRST);
    assertThat(await(mirror.onLoop(() -> repository.blobs().stat(FIRST.digest()))).value().size())
        .isEqualTo(FIRST.size());
    assertThat(catalog(readers, reader)).containsExactly(NGINX);
  }

  private List<RepositoryName> catalog(Readers readers, Identity reader) {
    return await(mirror.onLoop(() -> registry(readers).repositories(reader, Optional.empty(), 10)));
  }

  @Test
  void namedUsersAndGroupsReadAndOthersGetNothingCachedOrNotAndWhateverUpstreamDoes() {
    assertRefused(SOME, Identity.ANONYMOUS, ErrorCode.UNAUTHORIZED);
    assertRefused(SOME, CAROL, ErrorCode.DENIED);
    assertReads(SOME, ALICE);
    assertReads(SOME, BOB);
    assertRefused(SOME, Identity.ANONYMOUS, ErrorCode.UNAUTHORIZED);
    assertRefused(SOME, CAROL, ErrorCode.DENIED);
    mirror.hub.breakWith(UpstreamOutcome.CONNECT);
    assertReads(SOME, ALICE);
    assertRefused(SOME, Identity.ANONYMOUS, ErrorCode.UNAUTHORIZED);
    assertRefused(SOME, CAROL, ErrorCode.DENIED);
  }

  @Test
  void allWhoHaveLoggedInReadWhereThatIsEnough() {
    assertReads(LOGGED_IN, CAROL);
    assertRefused(LOGGED_IN, Identity.ANONYMOUS, ErrorCode.UNAUTHORIZED);
  }

  @Test
  void refusalIsRememberedForNoOther() {
    assertRefused(SOME, CAROL, ErrorCode.DENIED);
    assertReads(SOME, ALICE);
  }

  @Test
  void anonymousReadersReadWhereAllMay() {
    assertReads(Readers.ALL, Identity.ANONYMOUS);
    assertReads(Readers.ALL, CAROL);
  }
}
