package dev.breakwater.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClientConfigCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void standardOutputIsTheFileAndNothingElse() {
    assertThat(run("client-config", "docker", "--mirror", "https://mirror.example:5443")).isZero();

    assertThat(out).hasToString("{\"registry-mirrors\": [\"https://mirror.example:5443\"]}\n");
    assertThat(err.toString())
        .contains("/etc/docker/daemon.json", "systemctl reload docker", "ca.crt");
  }

  @Test
  void addressIsThatOfTheListenerWhereNoMirrorIsGiven() {
    assertThat(run("client-config", "containerd", "--listen", "127.0.0.1:5009")).isZero();

    assertThat(out.toString()).startsWith("[host.\"http://127.0.0.1:5009\"]\n");
  }

  @Test
  void upstreamsAreThoseOfTheConfiguration() {
    int code =
        run(
            "client-config",
            "k3s",
            "--mirror",
            "http://10.0.0.1:5000",
            "--upstream",
            "registry.example=https://registry.example");

    assertThat(code).isZero();
    assertThat(out.toString()).contains("\"registry.example\":");
  }

  @Test
  void unknownClientIsAnErrorThatNamesTheKnownOnes() {
    assertThat(run("client-config", "rkt")).isEqualTo(2);
    assertThat(err.toString()).contains("rkt", "docker, swarm, containerd");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void wrongMirrorIsAnErrorThatShowsTheForm() {
    assertThat(run("client-config", "docker", "--mirror", "mirror:5000")).isEqualTo(2);
    assertThat(err.toString()).contains("http://HOST:PORT");
  }

  @Test
  void portThatIsChosenAtStartNeedsTheMirror() {
    assertThat(run("client-config", "docker", "--listen", "127.0.0.1:0")).isEqualTo(2);
    assertThat(err.toString()).contains("--mirror");
  }

  private int run(String... args) {
    return BreakwaterCommand.run(
        new Terminal(new PrintWriter(out), new PrintWriter(err), Map.of()), args);
  }
}
