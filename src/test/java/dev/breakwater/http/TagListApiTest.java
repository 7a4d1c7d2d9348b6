package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.http.RawClient.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TagListApiTest {
  private static TestServer server;

  @BeforeAll
  static void start() {
    server = new TestServer();
    server.hub.putTags("library/redis", List.of("1", "10", "2", "A", "_x", "a", "a.b"));
    server.hub.putTags(
        "user/many", IntStream.range(0, 2500).mapToObj(i -> String.format("t%04d", i)).toList());
    server.hub.putTags("user/none", List.of());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Answer get(String path) throws IOException {
    try (RawClient client = server.connect()) {
      return client.get(path).read();
    }
  }

  private static List<String> tags(Answer answer) {
    JsonArray tags = new JsonObject(answer.text()).getJsonArray("tags");
    return tags.stream().map(String::valueOf).toList();
  }

  @Test
  void allTagsComeWithoutALimit() throws IOException {
    Answer answer = get("/v2/redis/tags/list");

    assertThat(answer.text())
        .isEqualTo("{\"name\":\"redis\",\"tags\":[\"1\",\"10\",\"2\",\"A\",\"_x\",\"a\",\"a.b\"]}");
    assertThat(answer.field("Content-Type")).contains("application/json");
    assertThat(answer.field("Link")).isEmpty();
    assertThat(tags(get("/v2/user/many/tags/list"))).hasSize(2500);
  }

  @ParameterizedTest
  @CsvSource({
    "n=2, '1,10'",
    "n=2&last=10, '2,A'",
    "last=A, '_x,a,a.b'",
    "last=Z, '_x,a,a.b'",
    "last=a.b, ''",
    "last=, '1,10,2,A,_x,a,a.b'",
    "n=0, ''",
    "n=00, ''",
    "n=7, '1,10,2,A,_x,a,a.b'",
    "n=99999999999999999999, '1,10,2,A,_x,a,a.b'"
  })
  void pageIsCutAsAsked(String query, String expected) throws IOException {
    Answer answer = get("/v2/redis/tags/list?" + query);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(String.join(",", tags(answer))).isEqualTo(expected);
    assertThat(answer.field("Link").isPresent())
        .isEqualTo(query.equals("n=2") || query.equals("n=2&last=10"));
  }

  @Test
  void emptyRepositoryHasAnEmptyListNotNull() throws IOException {
    assertThat(get("/v2/user/none/tags/list").text())
        .isEqualTo("{\"name\":\"user/none\",\"tags\":[]}");
  }

  @Test
  void followingTheLinksGivesEveryTagOnceAndKeepsTheNamespace() throws IOException {
    List<String> seen = new ArrayList<>();
    String path = "/v2/user/many/tags/list?n=5000&ns=docker.io";
    Pattern link = Pattern.compile("<(/v2/[^>]*ns=docker\\.io)>; rel=\"next\"");
    for (int page = 0; !path.isEmpty(); page++) {
      assertThat(page).isLessThan(5);
      Answer answer = get(path);
      assertThat(tags(answer)).hasSizeLessThanOrEqualTo(1000);
      seen.addAll(tags(answer));
      Matcher next = link.matcher(answer.field("Link").orElse(""));
      path = next.matches() ? next.group(1) : "";
    }
    assertThat(seen).hasSize(2500).doesNotHaveDuplicates().isSorted();
  }

  @ParameterizedTest
  @ValueSource(strings = {"n=-1", "n=x", "n=", "n=1.5", "n=%201", "last=-bad", "last=a%2Fb"})
  void malformedPageIsRefused(String query) throws IOException {
    Answer answer = get("/v2/redis/tags/list?" + query);

    assertThat(answer.status()).isEqualTo(400);
    RefusalTest.assertIsOciError(answer);
    assertThat(answer.text()).contains("PAGINATION_NUMBER_INVALID");
  }

  @Test
  void repeatedPageSizeIsRefused() throws IOException {
    assertThat(get("/v2/redis/tags/list?n=1&n=2").status()).isEqualTo(400);
  }
}
