package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.http.RawClient.Answer;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.RegistryException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogApiTest {
  private static final Pattern LINK = Pattern.compile("<([^>]+)>; rel=\"next\"");

  private TestServer server;

  @BeforeEach
  void start() {
    server = new TestServer();
    for (String name : List.of("library/redis", "a/b", "ghcr-like/x", "z")) {
      server.hub.putTags(name, List.of("1"));
    }
    for (String name : List.of("user/app", "user/app-2", "a")) {
      server.ghcr.putTags(name, List.of("1"));
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Answer get(String path, String host) throws IOException {
    try (RawClient client = server.connect()) {
      return client.sendHead("GET " + path + " HTTP/1.1", "Host: " + host).read();
    }
  }

  private static String names(Answer answer) {
    return new JsonObject(answer.text())
        .getJsonArray("repositories").stream()
            .map(String::valueOf)
            .reduce((one, other) -> one + " " + other)
            .orElse("");
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/_catalog?ns=ghcr.io, m, a user/app user/app-2",
    "/ghcr.io/v2/_catalog, m, a user/app user/app-2",
    "/v2/_catalog, ghcr.io, a user/app user/app-2",
    "/v2/_catalog?ns=docker.io, m, a/b ghcr-like/x library/redis z",
    "/v2/_catalog, m, a/b ghcr-like/x ghcr.io/a ghcr.io/user/app ghcr.io/user/app-2 library/redis z"
  })
  void knownRepositoriesAreListedByTheNamesThatFindThem(String path, String host, String expected)
      throws IOException {
    Answer answer = get(path, host);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("Content-Type")).contains("application/json");
    assertThat(answer.field("Link")).isEmpty();
    assertThat(names(answer)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "n=2, a/b ghcr-like/x",
    "n=2&last=ghcr-like/x, ghcr.io/a ghcr.io/user/app",
    "n=2&last=ghcr.io, ghcr.io/a ghcr.io/user/app",
    "n=1&last=ghcr.io/user/app, ghcr.io/user/app-2",
    "n=1&last=ghcr.io/z, library/redis",
    "n=5&last=z, ''",
    "n=0, ''",
    "n=99999999999999999999&last=library/redis, z",
    "last=, a/b ghcr-like/x ghcr.io/a ghcr.io/user/app ghcr.io/user/app-2 library/redis z"
  })
  void pageIsCutAsAsked(String query, String expected) throws IOException {
    assertThat(names(get("/v2/_catalog?" + query, "m"))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/_catalog?n=1, 7",
    "/v2/_catalog?n=3, 7",
    "/v2/_catalog?n=7, 7",
    "/ghcr.io/v2/_catalog?n=2, 3",
    "/v2/_catalog?n=1&ns=ghcr.io, 3"
  })
  void followingTheLinksGivesEachRepositoryOnceAndKeepsRegistryAndPrefix(String start, int count)
      throws IOException {
    List<String> seen = new ArrayList<>();
    String path = start;
    for (int page = 0; !path.isEmpty(); page++) {
      assertThat(page).isLessThan(10);
      Answer answer = get(path, "m");
      seen.addAll(List.of(names(answer).split(" ")));
      Matcher next = LINK.matcher(answer.field("Link").orElse(""));
      path = next.matches() ? next.group(1) : "";
    }
    assertThat(seen).hasSize(count).doesNotHaveDuplicates().isSorted();
  }

  @Test
  void pageHasAHundredUnlessMoreAreAskedForAndAThousandAtTheMost() throws IOException {
    for (int i = 0; i < 1500; i++) {
      server.ghcr.putTags("many/r%04d".formatted(i), List.of("1"));
    }
    assertThat(names(get("/v2/_catalog?ns=ghcr.io", "m")).split(" ")).hasSize(100);
    assertThat(names(get("/v2/_catalog?ns=ghcr.io&n=2147483648", "m")).split(" ")).hasSize(1000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"n=-1", "n=x", "n=", "n=1&n=2", "last=A", "last=a%2F%2Fb", "last=/a"})
  void malformedPageIsRefused(String query) throws IOException {
    Answer answer = get("/v2/_catalog?" + query, "m");
    assertThat(answer.status()).isEqualTo(400);
    RefusalTest.assertIsOciError(answer);
  }

  @Test
  void catalogIsReadOnly() throws IOException {
    try (RawClient client = server.connect()) {
      Answer answer = client.sendHead("DELETE /v2/_catalog HTTP/1.1", "Host: m").read();
      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.field("Allow")).contains("GET, HEAD");
    }
    try (RawClient client = server.connect()) {
      Answer answer = client.sendHead("HEAD /v2/_catalog HTTP/1.1", "Host: m").readHead();
      assertThat(answer.status()).isEqualTo(200);
    }
  }

  @Test
  void catalogThatCannotBeReadIsAnErrorAndNotEmpty() throws IOException {
    server.ghcr.failure =
        new RegistryException(ErrorCode.UNAVAILABLE, FailureCause.DISK, "broken", null, null);
    assertThat(get("/v2/_catalog", "m").status()).isEqualTo(503);
  }
}
