package dev.breakwater.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.index.Change;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.RepositoryPattern;
import dev.breakwater.registry.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a mirror lists without asking upstream. */
class CatalogTest extends ManifestPulls {
  private List<String> known(RepositoryRules rules, String after, int most) {
    PullThroughRegistry registry =
        new PullThroughRegistry(
            mirror.mirror, mirror.hub, new ZoneAccess(rules, Readers.ALL, Optional.empty()));
    Optional<RepositoryName> behind =
        Optional.of(after).filter(name -> !name.isEmpty()).map(RepositoryName::new);
    return await(mirror.onLoop(() -> registry.repositories(Identity.ANONYMOUS, behind, most)))
        .stream()
        .map(RepositoryName::value)
        .toList();
  }

  private void store(List<String> names) {
    List<Change> changes = new ArrayList<>();
    for (String name : names) {
      changes.add(
          Tables.MANIFESTS.put(
              new InRepository<>(mirror.hub.zone(), new RepositoryName(name), FIRST.digest()),
              FIRST));
    }
    mirror.facts.apply(changes);
  }

  @Test
  void whatWasPulledIsListedAlsoWhenItWasByDigest() {
    assertThat(known(RepositoryRules.NONE, "", 10)).isEmpty();
    get(FIRST.digest());
    await(
        mirror
            .onLoop(() -> mirror.elsewhere("other/app").manifests().get(LATEST))
            .otherwiseEmpty());
    assertThat(known(RepositoryRules.NONE, "", 10)).containsExactly("library/nginx");
    assertThat(known(RepositoryRules.NONE, "library/nginx", 10)).isEmpty();
    int heads = mirror.hub.manifestHeads.get();
    known(RepositoryRules.NONE, "", 10);
    assertThat(mirror.hub.manifestHeads).hasValue(heads);
  }

  @Test
  void whatIsDeniedIsNotListedAndLeavesNoGapsInPages() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 2500; i++) {
      names.add("secret/r%04d".formatted(i));
    }
    names.addAll(List.of("a", "t", "z"));
    store(names);
    RepositoryRules rules =
        new RepositoryRules(List.of(), List.of(RepositoryPattern.parse("secret/*")));
    assertThat(known(rules, "", 2)).containsExactly("a", "t");
    assertThat(known(rules, "", 10)).containsExactly("a", "t", "z");
    assertThat(known(rules, "a", 1)).containsExactly("t");
    assertThat(known(rules, "secret/r0001", 5)).containsExactly("t", "z");
    assertThat(known(RepositoryRules.NONE, "", 2)).containsExactly("a", "secret/r0000");
  }
}
