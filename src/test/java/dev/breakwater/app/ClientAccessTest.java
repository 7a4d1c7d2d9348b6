package dev.breakwater.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.access.Hashes;
import dev.breakwater.testing.CapturedLog;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logins of clients in the whole product. */
class ClientAccessTest {
  @TempDir private Path directory;

  private static int ping(RunningMirror mirror, String user, String password) throws Exception {
    String pair = user + ":" + password;
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(mirror.uri().resolve("/v2/"))
                  .header(
                      "Authorization",
                      "Basic "
                          + Base64.getEncoder()
                              .encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }

  private RunningMirror.Builder mirror(Path users) {
    return RunningMirror.of("http://127.0.0.1:1", directory.resolve("data"))
        .set("BREAKWATER_ACCESS_HTPASSWD", users.toString());
  }

  @Test
  void usersOfTheFileCanLogIn() throws Exception {
    Path users = Files.writeString(directory.resolve("htpasswd"), Hashes.line("alice", "right"));
    try (RunningMirror mirror = mirror(users).start()) {
      assertThat(ping(mirror, "alice", "right")).isEqualTo(200);
      assertThat(ping(mirror, "alice", "wrong")).isEqualTo(401);
    }
  }

  @Test
  void usersWhoAreNamedAndDoNotExistAreToldAtTheStart() throws Exception {
    Path users = Files.writeString(directory.resolve("htpasswd"), Hashes.line("alice", "right"));
    try (CapturedLog log = CapturedLog.of(ClientAccess.class);
        RunningMirror mirror =
            mirror(users).set("BREAKWATER_ACCESS_GROUPS_DEV", "alice,alise").start()) {
      assertThat(log.lines())
          .contains(
              "WARN access.groups.dev: \"alise\" cannot log in, because "
                  + users
                  + " does not have that user");
      assertThat(ping(mirror, "alice", "right")).isEqualTo(200);
    }
  }
}
