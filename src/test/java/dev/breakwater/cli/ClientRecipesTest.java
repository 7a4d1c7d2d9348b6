package dev.breakwater.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.breakwater.clientconfig.ClientRecipes;
import dev.breakwater.clientconfig.MirrorUrl;
import dev.breakwater.config.Config;
import dev.breakwater.oci.ZoneName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The README shows the recipes that the banner prints. {@code mvn -q test -Dtest=ClientRecipesTest
 * -Dformat=apply} writes it.
 */
class ClientRecipesTest {
  private static final Path README = Path.of("README.md");
  private static final String BEGIN = "<!-- clients:begin -->\n";
  private static final String END = "<!-- clients:end -->";

  @Test
  void readmeShowsTheRecipesOfTheBanner() throws Exception {
    String banner = StartupBanner.of(Config.defaults(), "HOST").text();
    String readme = Files.readString(README);
    int begin = readme.indexOf(BEGIN);
    int end = readme.indexOf(END);
    assertThat(begin).as("README.md has the marks " + BEGIN.strip() + " " + END).isNotNegative();
    assertThat(end).isGreaterThan(begin);

    List<ZoneName> upstreams = StartupBanner.of(Config.defaults(), "HOST").upstreams();
    ClientRecipes recipes = recipes("http://HOST:5000", upstreams);
    recipes.overview().forEach(recipe -> assertThat(banner).contains(recipe.text().indent(2)));
    String text = markdown(recipes);
    String wanted = readme.substring(0, begin) + BEGIN + text + readme.substring(end);
    if ("apply".equals(System.getProperty("format"))) {
      Files.writeString(README, wanted);
    } else {
      assertThat(readme)
          .as("mvn -q test -Dtest=ClientRecipesTest -Dformat=apply  writes:\n%s", text)
          .isEqualTo(wanted);
    }
  }

  @Test
  void everyRecipeButThatOfLoopbackSaysThatTheMirrorTakesPlainHttp() throws Exception {
    List<ZoneName> upstreams = List.of(ZoneName.DOCKER_HUB);
    JsonNode daemonJson =
        new ObjectMapper()
            .readTree(recipes("http://10.0.0.1:5000", upstreams).overview().get(0).text());
    assertThat(daemonJson.at("/registry-mirrors/0").asText()).isEqualTo("http://10.0.0.1:5000");
    assertThat(daemonJson.at("/insecure-registries/0").asText()).isEqualTo("10.0.0.1:5000");
    assertThat(recipes("http://127.0.0.1:5000", upstreams).overview().get(0).text())
        .isEqualTo("{\"registry-mirrors\": [\"http://127.0.0.1:5000\"]}\n");
  }

  @Test
  void singleUpstreamHasNoExampleOfAnother() {
    ClientRecipes recipes = recipes("http://10.0.0.1:5000", List.of(ZoneName.DOCKER_HUB));
    assertThat(recipes.byHand()).containsExactly("docker pull 10.0.0.1:5000/library/nginx");
    assertThat(recipes.overview()).noneMatch(recipe -> recipe.text().contains("# the same for"));
  }

  private static ClientRecipes recipes(String mirror, List<ZoneName> upstreams) {
    return ClientRecipes.withExamples(MirrorUrl.parse(mirror), upstreams);
  }

  private static String markdown(ClientRecipes recipes) {
    String clients =
        recipes.overview().stream().map(ClientRecipesTest::block).collect(Collectors.joining("\n"));
    return clients
        + recipes.byHand().stream()
            .collect(Collectors.joining("\n", "\n**By hand**:\n\n```sh\n", "\n```\n"));
  }

  private static String block(ClientRecipes.Recipe recipe) {
    String then = recipe.activation().isEmpty() ? "" : ", then `" + recipe.activation() + "`";
    return "**%s**: `%s`%s\n\n```%s\n%s```\n"
        .formatted(recipe.clients(), recipe.file(), then, recipe.language(), recipe.text());
  }
}
