package dev.breakwater.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import dev.breakwater.oci.Action;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Identity;
import dev.breakwater.testing.TurnedClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class TokensTest {
  private static final byte[] KEY = new byte[32];
  private static final Identity ALICE = new Identity("alice", Set.of("dev"));
  private static final Scope APP =
      Scope.repository("ghcr.io/team/app", Set.of(Action.PULL, Action.PUSH));

  private final TurnedClock clock = TurnedClock.standing();
  private Htpasswd users = file(Hashes.line("alice", "a"));
  private final Tokens tokens = tokens(KEY);

  private Tokens tokens(byte[] key) {
    return new Tokens(key, () -> users, user -> Set.of("dev"), clock);
  }

  private static Htpasswd file(String text) {
    return Htpasswd.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  @Example
  void aTokenTellsWhoHasItAndWhatItIsFor() {
    Caller caller = tokens.verify(tokens.issue(ALICE, List.of(APP, Scope.CATALOG))).orElseThrow();

    assertThat(caller).isEqualTo(new Caller(ALICE, Optional.of(List.of(APP, Scope.CATALOG))));
    ZoneName ghcr = new ZoneName("ghcr.io");
    RepositoryName app = new RepositoryName("team/app");
    assertThat(caller.covers(ghcr, app, Action.PULL)).isTrue();
    assertThat(caller.covers(ghcr, app, Action.DELETE)).isFalse();
    assertThat(caller.covers(ghcr, new RepositoryName("team/other"), Action.PULL)).isFalse();
    assertThat(caller.covers(ZoneName.DOCKER_HUB, app, Action.PULL)).isFalse();
    assertThat(caller.coversCatalog()).isTrue();
  }

  @Example
  void aTokenForNothingCoversNothing() {
    Caller caller = tokens.verify(tokens.issue(Identity.ANONYMOUS, List.of())).orElseThrow();

    assertThat(caller.isBare()).isFalse();
    assertThat(caller.coversCatalog()).isFalse();
    assertThat(caller.covers(ZoneName.DOCKER_HUB, new RepositoryName("library/redis"), Action.PULL))
        .isFalse();
  }

  @Example
  void aTokenExpiresAfterItsTimeAndWhatClocksMayDiffer() {
    String token = tokens.issue(ALICE, List.of());
    clock.turn(Tokens.LIFETIME.plus(Tokens.TOLERANCE).minusSeconds(1));
    assertThat(tokens.verify(token)).isPresent();
    clock.turn(Duration.ofSeconds(2));

    assertThat(tokens.verify(token)).isEmpty();
  }

  @Example
  void aRememberedTokenEndsLikeAnyOther() {
    String token = tokens.issue(ALICE, List.of(APP));
    assertThat(tokens.verify(token)).isPresent().isEqualTo(tokens.verify(token));
    Htpasswd before = users;
    users = file(Hashes.line("alice", "new"));
    assertThat(tokens.verify(token)).isEmpty();
    users = before;
    assertThat(tokens.verify(token)).isPresent();
    clock.turn(Tokens.LIFETIME.plus(Tokens.TOLERANCE).plusSeconds(1));

    assertThat(tokens.verify(token)).isEmpty();
  }

  @Example
  void aTokenOfTheFutureCountsOnlyWithinWhatClocksMayDiffer() {
    String token = tokens.issue(ALICE, List.of());
    clock.turn(Duration.ofSeconds(-59));
    assertThat(tokens.verify(token)).isPresent();
    clock.turn(Duration.ofSeconds(-2));

    assertThat(tokens.verify(token)).isEmpty();
  }

  @Example
  void aTokenOfAUserWhoIsGoneOrHasANewPasswordIsRefused() {
    String token = tokens.issue(ALICE, List.of(APP));
    String refresh = tokens.issueRefresh(ALICE);
    users = file(Hashes.line("alice", "a"));
    assertThat(tokens.verify(token)).isEmpty();
    assertThat(tokens.verifyRefresh(refresh)).isEmpty();
    users = Htpasswd.EMPTY;

    assertThat(tokens.verify(token)).isEmpty();
    assertThat(tokens.verifyRefresh(refresh)).isEmpty();
  }

  @Example
  void tokensAndRefreshTokensDoNotStandForEachOther() {
    assertThat(tokens.verifyRefresh(tokens.issueRefresh(ALICE))).contains(ALICE);
    assertThat(tokens.verify(tokens.issueRefresh(ALICE))).isEmpty();
    assertThat(tokens.verifyRefresh(tokens.issue(ALICE, List.of(APP)))).isEmpty();
    assertThat(tokens.verifyRefresh(tokens.issueRefresh(Identity.ANONYMOUS))).isEmpty();
  }

  @Example
  void aForeignTokenIsRefused() {
    byte[] other = KEY.clone();
    other[0] = 1;

    assertThat(tokens.verify(tokens(other).issue(ALICE, List.of(APP)))).isEmpty();
  }

  @Example
  void aTokenWithAnotherAlgorithmIsRefused() {
    String[] parts = tokens.issue(ALICE, List.of(APP)).split("\\.", -1);
    for (String header :
        new String[] {
          "{\"alg\":\"none\"}",
          "{\"alg\":\"None\",\"typ\":\"JWT\"}",
          "{\"alg\":\"HS512\"}",
          "{\"alg\":\"RS256\",\"jwk\":{}}",
          "{}"
        }) {
      String encoded =
          Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(header.getBytes(StandardCharsets.UTF_8));

      assertThat(tokens.verify(encoded + "." + parts[1] + ".")).as(header).isEmpty();
      assertThat(tokens.verify(encoded + "." + parts[1] + "." + parts[2])).as(header).isEmpty();
    }
    assertThat(tokens.verify(JWT.create().withSubject("alice").sign(Algorithm.none()))).isEmpty();
  }

  @Example
  void aTokenWithoutItsClaimsIsRefusedAlthoughItIsSigned() {
    Algorithm ours = Algorithm.HMAC256(KEY);

    assertThat(tokens.verify(JWT.create().sign(ours))).isEmpty();
    assertThat(
            tokens.verify(
                JWT.create()
                    .withIssuer(Tokens.SERVICE)
                    .withAudience(Tokens.SERVICE)
                    .withExpiresAt(clock.instant().plusSeconds(60))
                    .sign(ours)))
        .isEmpty();
  }

  @Example
  void anOversizedTokenIsNotLookedAt() {
    assertThat(tokens.verify("a".repeat(100_000))).isEmpty();
  }

  @Property(tries = 300)
  void anyTextCanBeRefused(@ForAll String text, @ForAll String other) {
    assertThat(tokens.verify(text)).isEmpty();
    assertThat(tokens.verify(text + "." + other + ".")).isEmpty();
    assertThat(tokens.verifyRefresh(text)).isEmpty();
  }

  @Property(tries = 300)
  void aChangedTokenIsRefused(@ForAll int place, @ForAll char with) {
    String token = tokens.issue(ALICE, List.of(APP));
    // The last character of each part may have bits that mean nothing.
    int at = Math.floorMod(place, token.length());
    boolean isLast = at + 1 == token.length() || token.charAt(at + 1) == '.';
    if (!isLast && token.charAt(at) != with) {
      assertThat(tokens.verify(token.substring(0, at) + with + token.substring(at + 1))).isEmpty();
    }
  }

  @Property(tries = 300)
  void anyTextCanBeReadAsScopes(@ForAll String text) {
    assertThat(Scope.parse(Scope.text(Scope.parse(text)))).isEqualTo(Scope.parse(text));
  }

  @Example
  void scopesOfEveryClientAreUnderstood() {
    assertThat(
            Scope.parse(
                "repository:ghcr.io/team/app:push,pull repository(plugin):a/b:pull"
                    + " registry:catalog:* repository:localhost:5000/x:* repository:a/b:fly x y:z"))
        .containsExactly(
            APP,
            Scope.repository("a/b", Set.of(Action.PULL)),
            Scope.CATALOG,
            Scope.repository("localhost:5000/x", Set.of(Action.values())));
  }

  @Example
  void theKeyIsMadeOnceAndOnlyForItsOwner() throws IOException {
    Path file = Files.createTempDirectory("key").resolve("token.key");
    byte[] key = TokenKey.load(file);

    assertThat(key).hasSize(32).isNotEqualTo(new byte[32]);
    assertThat(TokenKey.load(file)).isEqualTo(key);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Files.write(file, new byte[3]);
    assertThatThrownBy(() -> TokenKey.load(file)).hasMessageContaining("delete the file");
  }
}
