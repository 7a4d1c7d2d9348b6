package dev.breakwater.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.RepositoryPattern;
import dev.breakwater.oci.ZoneName;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RepositoryRulesTest {
  private static final ZoneName GHCR = new ZoneName("ghcr.io");

  private static RepositoryRules rules(List<String> allow, List<String> deny) {
    return new RepositoryRules(patterns(allow), patterns(deny));
  }

  private static List<RepositoryPattern> patterns(List<String> texts) {
    return texts.stream().map(RepositoryPattern::parse).toList();
  }

  private static List<String> allowed(RepositoryRules rules, String... names) {
    return Stream.of(names)
        .filter(name -> rules.refusal(GHCR, new RepositoryName(name)).isEmpty())
        .toList();
  }

  @Test
  void withoutRulesEverythingIsAllowed() {
    assertThat(allowed(RepositoryRules.NONE, "a", "a/b")).containsExactly("a", "a/b");
    assertThat(RepositoryRules.NONE.description()).isEmpty();
  }

  @Test
  void withAListOfAllowedOnesAllOthersAreRefused() {
    RepositoryRules rules = rules(List.of("team/*", "tool"), List.of());
    assertThat(allowed(rules, "team/a", "team/a/b", "tool", "tools", "other/a"))
        .containsExactly("team/a", "team/a/b", "tool");
    assertThat(rules.refusal(GHCR, new RepositoryName("other/a")))
        .contains("upstreams.ghcr.io.allow does not have it");
    assertThat(rules.description()).contains("only [team/*, tool]");
  }

  @Test
  void denyWinsOverAllow() {
    RepositoryRules rules = rules(List.of("team/*"), List.of("other/*", "team/secret*"));
    assertThat(allowed(rules, "team/a", "team/secret", "team/secret/x")).containsExactly("team/a");
    assertThat(rules.refusal(GHCR, new RepositoryName("team/secret")))
        .contains("upstreams.ghcr.io.deny has team/secret*");
    assertThat(rules.description()).contains("only [team/*] without [other/*, team/secret*]");
  }

  @Test
  void denyAloneLeavesTheRest() {
    assertThat(allowed(rules(List.of(), List.of("a/*")), "a/b", "b/a")).containsExactly("b/a");
    assertThat(allowed(rules(List.of(), List.of("*")), "a/b", "b")).isEmpty();
  }
}
