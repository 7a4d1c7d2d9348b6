package dev.breakwater;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Clients and registries choose most keys of the caches in memory: each cache has a bound. */
class BoundedCachesTest {
  private static final Pattern CACHE =
      Pattern.compile("Caffeine\\.newBuilder\\(\\).*?\\.build\\(", Pattern.DOTALL);

  private static final List<String> BOUNDS =
      List.of(".maximumSize(", ".maximumWeight(", ".weakKeys(");

  @Test
  void everyCacheInMemoryHasALargestSizeOrLivesAsLongAsItsKeys() throws IOException {
    List<String> caches = new ArrayList<>();
    List<String> unbounded = new ArrayList<>();
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      for (Path source : sources.filter(path -> path.toString().endsWith(".java")).toList()) {
        CACHE
            .matcher(Files.readString(source))
            .results()
            .map(MatchResult::group)
            .forEach(
                builder -> {
                  caches.add(source.toString());
                  if (BOUNDS.stream().noneMatch(builder::contains)) {
                    unbounded.add(source.toString());
                  }
                });
      }
    }
    assertThat(caches).hasSizeGreaterThan(8);
    assertThat(unbounded).isEmpty();
  }
}
