package dev.breakwater.upstream;

import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.testing.RequestMatcher.token;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.breakwater.admin.api.UpstreamInfo.AccountInfo;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.testing.Faults;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.FaultyRegistryBuilder;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.TestImage;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Limits of pulls, and several accounts that share the load. */
class AccountsTest {
  private static final Tag TAG = Tag.parse("1.27");
  private static final String PRIVATE = "library/nginx";

  private final TestImage image = TestImage.docker().layer(1000).build();
  private FaultyRegistry upstream = start(hub());
  private UpstreamClient client;

  private static FaultyRegistryBuilder hub() {
    return FaultyRegistry.builder()
        .bearer()
        .account("alice", "pw-a")
        .account("bob", "pw-b")
        .pullLimit(100);
  }

  private FaultyRegistry start(FaultyRegistryBuilder builder) {
    return builder.start().put(NGINX.value(), TAG.value(), image);
  }

  private void restart(FaultyRegistryBuilder builder) {
    upstream.close();
    upstream = start(builder);
  }

  @AfterEach
  void close() {
    client.close();
    upstream.close();
  }

  private void both() {
    client = UpstreamClient.of(upstream).account("alice", "pw-a").account("bob", "pw-b").build();
  }

  private void pull() {
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
  }

  private void head() {
    assertThat(await(client.registry().headManifest(NGINX, TAG)).digest())
        .isEqualTo(image.digest());
  }

  /** By whom the manifest was pulled, in order. */
  private List<String> pulledBy() {
    return upstream.requests(manifest().get()).stream()
        .map(request -> request.headers().first("Authorization").orElse("anonymous"))
        .map(authorization -> authorization.replaceFirst(".*-of-", ""))
        .toList();
  }

  @Test
  void whatIsLeftIsReadFromHeadsToo() {
    client = UpstreamClient.of(upstream).build();
    upstream.pullsLeft("anonymous", 33);
    head();
    assertThat(client.gauge("ratelimit_remaining", "anonymous")).isEqualTo(33);
    assertThat(client.gauge("ratelimit_limit", "anonymous")).isEqualTo(100);
    assertThat(client.gauge("ratelimit_window_seconds", "anonymous")).isEqualTo(21_600);
  }

  @Test
  void richestAccountIsUsedAndChangesAreRare() {
    both();
    upstream.pullsLeft("alice", 40);
    upstream.pullsLeft("bob", 60);
    for (int i = 0; i < 50; i++) {
      pull();
    }
    assertThat(upstream.count(manifest().get())).isEqualTo(50);
    assertThat(pulledBy()).startsWith("alice", "bob").contains("alice", "bob");
    assertThat(client.gauge("ratelimit_remaining", "alice")).isBetween(15.0, 35.0);
    assertThat(client.gauge("ratelimit_remaining", "bob")).isBetween(15.0, 35.0);
    assertThat(upstream.count(token())).isEqualTo(2);
  }

  @Test
  void accountWithoutPullsLeftIsReplacedAndNoClientNotices() {
    both();
    upstream.pullsLeft("alice", 0);
    pull();
    pull();
    assertThat(pulledBy()).containsExactly("alice", "bob", "bob");
    assertThat(client.counted(ContentKind.MANIFEST, UpstreamOutcome.OK)).isEqualTo(2);
    assertThat(client.counted(ContentKind.MANIFEST)).isEqualTo(2);
  }

  @Test
  void noAccountPullsWhileNothingIsLeftAndHeadsGoOn() {
    client = UpstreamClient.of(upstream).build();
    upstream.pullsLeft("anonymous", 0);
    UpstreamException refused = failureOf(client.registry().getManifest(NGINX, TAG));
    assertThat(refused.outcome()).isEqualTo(UpstreamOutcome.RATE_LIMITED);
    UpstreamException spared = failureOf(client.registry().getManifest(NGINX, TAG));
    assertThat(spared.outcome()).isEqualTo(UpstreamOutcome.RATE_LIMITED);
    assertThat(spared).hasMessageContaining("its limit of requests is used up");
    assertThat(spared.retryAfter().orElseThrow())
        .isBetween(Duration.ofSeconds(200), Duration.ofSeconds(216));
    assertThat(upstream.count(manifest().get())).isEqualTo(1);
    head();
    upstream.resetPullLimit();
    head();
    pull();
  }

  @Test
  void retryAfterIsHonouredToTheSecond() {
    restart(hub().retryAfter(Duration.ofSeconds(77)));
    client = UpstreamClient.of(upstream).build();
    upstream.pullsLeft("anonymous", 0);
    failureOf(client.registry().getManifest(NGINX, TAG));
    upstream.resetPullLimit();
    client.skip(Duration.ofSeconds(60));
    failureOf(client.registry().getManifest(NGINX, TAG));
    assertThat(upstream.count(manifest().get())).isEqualTo(1);
    client.skip(Duration.ofSeconds(17));
    pull();
  }

  @Test
  void limitOfTheMomentStopsWhatItWasAboutForItsTime() {
    client = UpstreamClient.of(upstream).build();
    upstream.on(manifest()).then(Faults.tooManyRequests(Duration.ofSeconds(60)));
    failureOf(client.registry().headManifest(NGINX, TAG));
    assertThat(failureOf(client.registry().headManifest(NGINX, TAG)))
        .hasMessageContaining("not asked, because it answered 429 a moment ago");
    assertThat(upstream.count(manifest())).isEqualTo(1);
    assertThat(await(client.registry().listTags(NGINX))).as("another kind").isNotEmpty();
    assertThat(client.registry().health(ContentKind.MANIFEST).mayAsk()).isTrue();
    upstream.heal();
    client.skip(Duration.ofSeconds(60));
    pull();
  }

  @Test
  void limitOfAllRepositoriesSilencesTheKindForItsTime() {
    restart(FaultyRegistry.builder());
    client = UpstreamClient.of(upstream).build();
    upstream.on(manifest()).then(Faults.tooManyRequests(Duration.ofSeconds(60)));
    for (int i = 0; i < 10; i++) {
      failureOf(client.registry().headManifest(RepositoryName.parse("library/image" + i), TAG));
    }
    assertThat(upstream.count(manifest())).isEqualTo(8);
    UpstreamHealth health = client.registry().health(ContentKind.MANIFEST);
    assertThat(health.mayAsk()).isFalse();
    assertThat(health.trouble()).isEqualTo("429");
    assertThat(client.registry().health(ContentKind.BLOB).mayAsk()).isTrue();
    upstream.heal();
    client.skip(Duration.ofSeconds(60));
    pull();
  }

  @Test
  void limitOfTheMomentIsWaitedForWhilePullsAreLeft() {
    client = UpstreamClient.of(upstream).build();
    upstream.on(manifest().head()).once().then(Faults.tooManyRequests(Duration.ofSeconds(1)));
    upstream.on(manifest().get()).once().then(Faults.tooManyRequests());
    head();
    pull();
    assertThat(upstream.count(manifest())).isEqualTo(4);
    assertThat(client.counted(ContentKind.MANIFEST, UpstreamOutcome.OK)).isEqualTo(2);
    assertThat(client.counted(ContentKind.MANIFEST)).isEqualTo(2);
  }

  @Test
  void timesToLiveStretchAsThePullsRunOut() {
    both();
    upstream.pullsLeft("alice", 100);
    upstream.pullsLeft("bob", 100);
    pull();
    pull();
    assertThat(stretch()).isEqualTo(1);
    upstream.pullsLeft("alice", 40);
    upstream.pullsLeft("bob", 10);
    readBoth();
    assertThat(stretch()).isEqualTo(2);
    upstream.pullsLeft("alice", 0);
    upstream.pullsLeft("bob", 2);
    readBoth();
    assertThat(stretch()).isEqualTo(10);
    client.skip(Duration.ofHours(6));
    assertThat(stretch()).as("a new window").isEqualTo(1);
  }

  private double stretch() {
    return client.registry().health(ContentKind.MANIFEST).stretch();
  }

  /** The account in use tells what it has left, and if that is little the other one is next. */
  private void readBoth() {
    head();
    head();
  }

  @Test
  void accountWhosePasswordIsWrongIsSuspended() {
    client = UpstreamClient.of(upstream).account("alice", "wrong").account("bob", "pw-b").build();
    for (int i = 0; i < 5; i++) {
      pull();
    }
    assertThat(pulledBy()).containsOnly("bob");
    assertThat(upstream.count(token())).as("once refused, once granted").isEqualTo(2);
    assertThat(client.counted(ContentKind.MANIFEST, UpstreamOutcome.OK)).isEqualTo(5);
    client.skip(Duration.ofMinutes(5));
    pull();
    assertThat(pulledBy()).containsOnly("bob");
  }

  @Test
  void passwordsThatHaveExpiredCostNoPublicImage() {
    client = UpstreamClient.of(upstream).account("alice", "old").account("bob", "old").build();
    for (int i = 0; i < 5; i++) {
      pull();
    }
    assertThat(pulledBy()).endsWith("anonymous").doesNotContain("alice", "bob");
    // bob's token request is remembered from alice's challenge, so it is repeated after his own.
    assertThat(upstream.count(token())).as("refused, and once granted").isEqualTo(4);
    assertThat(client.counted(ContentKind.MANIFEST, UpstreamOutcome.OK)).isEqualTo(5);
  }

  @Test
  void passwordsThatHaveExpiredAreNoRefusalWhileAnonymousPullsAreUsedUp() {
    restart(hub().retryAfter(Duration.ofMinutes(10)));
    client = UpstreamClient.of(upstream).account("alice", "old").build();
    upstream.pullsLeft("anonymous", 0);
    assertIsLimited();
    int asked = upstream.count(manifest().get());
    assertIsLimited();
    assertThat(upstream.count(manifest().get())).as("not asked in vain").isEqualTo(asked);
    assertThat(client.registry().report(false).accounts())
        .as("the account that is used instead is reported too")
        .extracting(AccountInfo::account, account -> account.pausedSeconds() > 0)
        .contains(tuple("anonymous", true));
    // Now alice is tried again, and refused again, while anonymous pulls are used up.
    client.skip(Duration.ofMinutes(5));
    assertIsLimited();
  }

  private void assertIsLimited() {
    assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
        .isEqualTo(UpstreamOutcome.RATE_LIMITED);
  }

  @Test
  void passwordsThatHaveExpiredEndAccessToPrivateImages() {
    restart(hub().privateRepository(PRIVATE, "bob"));
    client = UpstreamClient.of(upstream).account("bob", "old").build();
    assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
        .isEqualTo(UpstreamOutcome.UNAUTHORIZED);
  }

  @Test
  void privateRepositoryIsPulledByTheAccountThatMay() {
    restart(hub().privateRepository(PRIVATE, "bob"));
    both();
    for (int i = 0; i < 4; i++) {
      pull();
    }
    assertThat(pulledBy()).containsOnly("bob");
    assertThat(upstream.count(token().on(Listener.AUTH))).isLessThanOrEqualTo(4);
  }

  @Test
  void refusalByAllAccountsIsFinal() {
    restart(hub().privateRepository(PRIVATE, "carol"));
    both();
    assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
        .isEqualTo(UpstreamOutcome.UNAUTHORIZED);
    assertThat(client.counted(ContentKind.MANIFEST)).isEqualTo(1);
  }
}
