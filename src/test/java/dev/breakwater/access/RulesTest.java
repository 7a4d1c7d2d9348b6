package dev.breakwater.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Action;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.RepositoryPattern;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Identity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RulesTest {
  private static final ZoneName HUB = ZoneName.DOCKER_HUB;
  private static final ZoneName GHCR = new ZoneName("ghcr.io");
  private static final Identity ALICE = new Identity("alice", Set.of("dev"));

  /** A rule in the words of the configuration, and a request. */
  record Written(
      List<String> who, List<String> registries, List<String> repositories, Set<Action> actions) {
    Rule rule() {
      return new Rule(
          who,
          registries.stream().map(ZoneName::new).toList(),
          repositories.stream().map(RepositoryPattern::parse).toList(),
          actions);
    }
  }

  record Asked(Identity identity, String registry, String repository, Action action) {}

  @Provide
  Arbitrary<Written> written() {
    return Combinators.combine(
            some("anonymous", "authenticated", "alice", "bob", "@dev", "@ops"),
            some("docker.io", "ghcr.io"),
            some("*", "team/*", "library/*", "redis", "team/app"),
            Arbitraries.of(Action.class).set().ofMinSize(1))
        .as(Written::new);
  }

  private static Arbitrary<List<String>> some(String... words) {
    return Arbitraries.of(words).list().uniqueElements().ofMaxSize(2);
  }

  @Provide
  Arbitrary<Asked> asked() {
    return Combinators.combine(
            Arbitraries.of(
                Identity.ANONYMOUS,
                ALICE,
                new Identity("bob", Set.of("dev", "ops")),
                new Identity("carol", Set.of())),
            Arbitraries.of("docker.io", "ghcr.io"),
            Arbitraries.of("team/app", "library/redis", "team/other"),
            Arbitraries.of(Action.class))
        .as(Asked::new);
  }

  /** As the README puts it, word by word. */
  private static boolean oracle(List<Written> rules, Asked asked) {
    for (Written rule : rules) {
      Set<String> words = new HashSet<>(Set.of("anonymous"));
      if (!asked.identity.user().isEmpty()) {
        words.add("authenticated");
        words.add(asked.identity.user());
        asked.identity.groups().forEach(group -> words.add("@" + group));
      }
      Set<String> patterns = new HashSet<>(Set.of("*", asked.repository));
      patterns.add(asked.repository.replaceFirst("/.*", "/*"));
      if (asked.registry.equals("docker.io")) {
        patterns.add(asked.repository.replaceFirst("^library/", ""));
      }
      if (!Collections.disjoint(rule.who, words)
          && (rule.registries.isEmpty() || rule.registries.contains(asked.registry))
          && !Collections.disjoint(rule.repositories, patterns)
          && rule.actions.contains(asked.action)) {
        return true;
      }
    }
    return false;
  }

  private static boolean permit(List<Written> rules, Asked asked) {
    return new Rules(rules.stream().map(Written::rule).toList())
        .permit(
            asked.identity,
            new ZoneName(asked.registry),
            new RepositoryName(asked.repository),
            asked.action);
  }

  @Property(tries = 3000)
  void rulesLetThroughWhatTheOracleDoes(
      @ForAll("written") Written first,
      @ForAll("written") Written second,
      @ForAll("asked") Asked asked) {
    List<Written> rules = List.of(first, second);

    assertThat(permit(rules, asked)).isEqualTo(oracle(rules, asked));
  }

  @Property
  void orderMeansNothingAndARuleNeverTakesAway(
      @ForAll("written") Written first,
      @ForAll("written") Written second,
      @ForAll("asked") Asked asked) {
    List<Written> both = new ArrayList<>(List.of(first, second));
    boolean permitted = permit(both, asked);
    Collections.reverse(both);

    assertThat(permit(both, asked)).isEqualTo(permitted);
    if (permit(List.of(first), asked)) {
      assertThat(permitted).isTrue();
    }
  }

  @Property
  void aLoginNeverTakesAway(@ForAll("written") Written rule, @ForAll("asked") Asked asked) {
    Asked anonymous = new Asked(Identity.ANONYMOUS, asked.registry, asked.repository, asked.action);

    if (permit(List.of(rule), anonymous)) {
      assertThat(permit(List.of(rule), asked)).isTrue();
    }
  }

  @Property
  void whoMayPullSomethingIsKnownBeforehand(
      @ForAll("written") Written rule, @ForAll("asked") Asked asked) {
    Rules rules = new Rules(List.of(rule.rule()));

    if (asked.action == Action.PULL && permit(List.of(rule), asked)) {
      assertThat(rules.permitAnyPull(asked.identity)).isTrue();
    }
  }

  @Example
  void withoutRulesAllMayPullAndUsersMayPushAndDelete() {
    RepositoryName app = new RepositoryName("team/app");
    for (Action action : Action.values()) {
      assertThat(Rules.NONE.permit(Identity.ANONYMOUS, HUB, app, action))
          .isEqualTo(action == Action.PULL);
      assertThat(Rules.NONE.permit(ALICE, GHCR, app, action)).isTrue();
    }
  }

  @Example
  void aClientWithoutALoginIsNotTheUserWithoutAName() {
    Rules rules =
        new Rules(
            List.of(
                new Rule(
                    List.of(""),
                    List.of(),
                    List.of(RepositoryPattern.parse("*")),
                    Set.of(Action.PULL))));

    assertThat(rules.permit(Identity.ANONYMOUS, HUB, new RepositoryName("a/b"), Action.PULL))
        .isFalse();
  }
}
