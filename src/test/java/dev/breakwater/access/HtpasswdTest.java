package dev.breakwater.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HtpasswdTest {
  private static final String SALT_AND_HASH = Hashes.saltAndHash("secret");

  private static Htpasswd parse(String text) {
    return Htpasswd.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"$2a$", "$2b$", "$2y$"})
  void bcryptOfEachProgramIsUnderstood(String prefix) {
    Htpasswd users = parse("alice:" + prefix + SALT_AND_HASH + "\n");

    assertThat(users.problems()).isEmpty();
    PasswordHash hash = users.hashOf("alice").orElseThrow();
    assertThat(hash.matches("secret".getBytes(StandardCharsets.UTF_8))).isTrue();
    assertThat(hash.matches("Secret".getBytes(StandardCharsets.UTF_8))).isFalse();
  }

  @Example
  void commentsBlankLinesAndLineEndsOfWindowsAreNoProblem() {
    Htpasswd users =
        parse(
            "# the team\r\n\r\n  \r\nalice:$2y$" + SALT_AND_HASH + "\r\nbob:$2y$" + SALT_AND_HASH);

    assertThat(users.hashes()).containsOnlyKeys("alice", "bob");
    assertThat(users.problems()).isEmpty();
  }

  @Example
  void aLineThatIsNotBcryptIsNamedByItsNumberAndTheOthersCount() {
    Htpasswd users =
        parse(
            "alice:$2y$"
                + SALT_AND_HASH
                + "\nbob:$apr1$canary$canary\ncarol:{SHA}canary=\ndave:canary\neve\n:x\n"
                + "frank:$2y$"
                + SALT_AND_HASH
                + "\n");

    assertThat(users.hashes()).containsOnlyKeys("alice", "frank");
    assertThat(users.problems()).hasSize(5);
    assertThat(users.problems().getFirst())
        .startsWith("line 2: the hash of \"bob\" is not bcrypt")
        .endsWith("htpasswd -B");
    assertThat(users.problems().get(3)).isEqualTo("line 5 has no colon between user and hash");
    assertThat(users.problems().toString()).doesNotContain("canary");
  }

  @ParameterizedTest
  @ValueSource(strings = {"anonymous", "authenticated", "@dev"})
  void aUserCalledAsTheWordsOfRulesIsRefused(String name) {
    Htpasswd users = parse(name + ":$2y$" + SALT_AND_HASH);

    assertThat(users.hashes()).isEmpty();
    assertThat(users.problems().getFirst()).contains("choose another name");
  }

  @Example
  void aHashThatWouldKeepTheMachineBusyForMinutesIsRefused() {
    Htpasswd users = parse("alice:$2y$31$" + SALT_AND_HASH.substring(3));

    assertThat(users.hashes()).isEmpty();
    assertThat(users.problems().getFirst()).contains("has the cost 31");
  }

  @Example
  void theLastOfTwoLinesOfAUserCounts() {
    Htpasswd users = parse("a:$2y$" + Hashes.saltAndHash("old") + "\na:$2y$" + SALT_AND_HASH);

    assertThat(users.hashOf("a").orElseThrow().matches("secret".getBytes(StandardCharsets.UTF_8)))
        .isTrue();
    assertThat(users.problems().getFirst()).startsWith("line 2: \"a\" is there twice");
  }

  @Example
  void longPasswordsAreCutAsOtherProgramsCutThem() {
    byte[] longest = "p".repeat(72).getBytes(StandardCharsets.US_ASCII);
    PasswordHash hash = PasswordHash.of(longest, 4);

    assertThat(hash.matches(longest)).isTrue();
    assertThat(hash.matches("p".repeat(71).getBytes(StandardCharsets.US_ASCII))).isFalse();
    assertThatThrownBy(() -> PasswordHash.of(new byte[73], 4)).hasMessageContaining("72 bytes");
  }

  /** By crypt(3) of libxcrypt. */
  @Example
  void hashesAreThoseOfOtherPrograms() {
    assertThat(
            PasswordHash.parse("$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW")
                .matches("secret".getBytes(StandardCharsets.UTF_8)))
        .isTrue();
    assertThat(
            PasswordHash.parse("$2b$04$abcdefghijklmnopqrstuuNt.0ah97gHY3F7JC1Z6EXmQc0bQBhIO")
                .matches("p".repeat(72).getBytes(StandardCharsets.UTF_8)))
        .isTrue();
    assertThat(
            PasswordHash.parse("$2a$05$abcdefghijklmnopqrstuuw6K1qhFUUNGEFJVG5bhXsj0QNbv3oV2")
                .matches(new byte[] {(byte) 0xc3, (byte) 0xa4, (byte) 0xff}))
        .isTrue();
  }

  @Property(tries = 300)
  void anyBytesCanBeRead(@ForAll byte[] content) {
    Htpasswd.parse(content);
  }

  @Property(tries = 300)
  void anyTextBehindAUserCanBeRead(@ForAll String text) {
    Htpasswd users = parse("alice:" + text);

    assertThat(users.hashes().keySet()).doesNotContain("bob");
  }
}
