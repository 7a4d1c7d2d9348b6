package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Some thousand requests, mutated at random from a printed seed. */
class FuzzTest {
  private static final int ROUNDS = 4000;
  private static final String HEX = "0123456789abcdef".repeat(4);
  private static final List<String> SEEDS =
      List.of(
          request("", "GET /v2/ HTTP/1.1", "Host: m:5000"),
          request(
              "",
              "GET /v2/library/redis/manifests/7?ns=docker.io HTTP/1.1",
              "Host: m",
              "Accept: application/vnd.oci.image.index.v1+json, */*",
              "If-None-Match: \"x\""),
          request("", "HEAD /v2/redis/manifests/sha256:" + HEX + " HTTP/1.1", "Host: [::1]:80"),
          request(
              "",
              "GET /v2/a/b/blobs/sha256:" + HEX + " HTTP/1.1",
              "Host: m",
              "Range: bytes=0-10",
              "If-Range: \"y\""),
          request(
              "",
              "GET /docker.io/v2/a/tags/list?n=10&last=x%2By HTTP/1.0",
              "Host: m",
              "Connection: keep-alive"),
          request(
              "5\r\nhello\r\n0\r\n\r\n",
              "POST /v2/a/blobs/uploads/ HTTP/1.1",
              "Host: m",
              "Transfer-Encoding: chunked"),
          request("hello", "PUT /v2/a/manifests/x HTTP/1.1", "Host: m", "Content-Length: 5"));

  private static String request(String body, String... lines) {
    return String.join("\r\n", lines) + "\r\n\r\n" + body;
  }

  private static final List<String> SPLICES =
      List.of(
          "\r\n",
          "\n",
          "\r",
          "\0",
          " ",
          "\t",
          ":",
          "%",
          "%00",
          "%2e",
          "../",
          "//",
          "?",
          "#",
          "&",
          "Content-Length: 3\r\n",
          "Transfer-Encoding: chunked\r\n",
          "Host: x\r\n",
          "Content-Xength: 9\r\n",
          "\u00ff",
          "HTTP/1.1",
          "99999999999999999999",
          "-1",
          "\"",
          ";",
          "Expect: 100-continue\r\n",
          "Upgrade: h2c\r\n",
          "Connection: close\r\n",
          "/v2/",
          "=");

  @Test
  void noMutationMakesTheServerFailOrHang() throws IOException {
    long seed = Long.getLong("breakwater.seed", 20261121);
    System.out.println("FuzzTest seed " + seed);
    Random random = new Random(seed);
    try (TestServer server = new TestServer()) {
      server.hub.putManifest("library/redis", "7", "{}");
      int answered = 0;
      for (int round = 0; round < ROUNDS; round++) {
        answered += check(server, mutate(random), seed) ? 1 : 0;
      }
      assertThat(answered)
          .as("answers, so that silence is not taken for sanity")
          .isGreaterThan(ROUNDS / 2);
      assertThat(server.scrape())
          .doesNotContainPattern("requests_total\\{code_class=\"5xx\".*\\} [1-9]");
    }
  }

  /** The whole request and a plain one behind it: whatever the first does, answers must be sane. */
  private static boolean check(TestServer server, byte[] request, long seed) throws IOException {
    String shown = new String(request, StandardCharsets.ISO_8859_1);
    try (RawClient client = server.connect()) {
      client.send(request);
      client.send(request("", "", "", "GET /v2/ HTTP/1.1", "Host: m", "Connection: close"));
      // Ends a body that the mutation may have announced; the server then answers or closes.
      client.socket.shutdownOutput();
      String answers = new String(client.readToEnd(), StandardCharsets.ISO_8859_1);
      assertThat(answers)
          .as("seed %d, request %s", seed, shown)
          .doesNotContain("HTTP/1.1 5", "HTTP/1.0 5", "Exception", "\tat ");
      if (!answers.isEmpty()) {
        assertThat(answers).as("seed %d, request %s", seed, shown).startsWith("HTTP/1.");
      }
      return !answers.isEmpty();
    } catch (SocketTimeoutException hang) {
      throw new AssertionError("seed " + seed + ", a hang after " + shown, hang);
    } catch (java.net.SocketException reset) {
      // closed while this side was still writing: allowed for what no longer is a request
      return false;
    }
  }

  private static byte[] mutate(Random random) {
    StringBuilder text = new StringBuilder(SEEDS.get(random.nextInt(SEEDS.size())));
    int mutations = 1 + random.nextInt(4);
    for (int i = 0; i < mutations; i++) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(5)) {
        case 0 -> text.setCharAt(at, (char) random.nextInt(256));
        case 1 -> text.deleteCharAt(at);
        case 2 -> text.insert(at, SPLICES.get(random.nextInt(SPLICES.size())));
        case 3 -> text.insert(at, text.substring(at, Math.min(text.length(), at + 20)));
        default -> text.insert(at, (char) random.nextInt(256));
      }
    }
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
