package dev.breakwater.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.config.ListenAddress;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.net.SocketException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator reads when an address cannot be listened on. */
class ListenFailureTest {
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void portOfAnotherProcessIsNamedWithTheWayToFindThat() throws Exception {
    NetServer taken = vertx.createNetServer().connectHandler(connection -> {});
    int port = taken.listen(0, "127.0.0.1").await().actualPort();

    assertThat(failure("127.0.0.1", port))
        .isEqualTo(
            "the registry cannot listen on 127.0.0.1:%d: the port is in use by another process"
                + " ('ss -ltnp sport = :%d' as root names it); free it or choose another address"
                + " with --listen",
            port, port);
  }

  @Test
  void addressOfAnotherMachineIsSaidToBeOne() {
    assertThat(failure("192.0.2.1", 5000))
        .contains("192.0.2.1:5000: this machine does not have that address", "--listen");
  }

  @Test
  void nameWithoutAnAddressIsSaidToBeOne() {
    assertThat(failure("name.invalid", 5000))
        .contains("the name \"name.invalid\" has no address", "--listen");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"bind(..) failed with error(-13): Permission denied", "Permission denied"})
  void lowPortSaysHowToGetTheRight(String text) {
    assertThat(message(443, new SocketException(text)))
        .isEqualTo(
            "the registry cannot listen on 0.0.0.0:443: permission denied for a port below 1024:"
                + " give the process the capability CAP_NET_BIND_SERVICE (systemd:"
                + " AmbientCapabilities=CAP_NET_BIND_SERVICE; docker: run as root with --cap-add"
                + " NET_BIND_SERVICE), or run 'sysctl -w net.ipv4.ip_unprivileged_port_start=443',"
                + " or use a port above 1023: choose another address with --listen");
  }

  @Test
  void highPortThatIsDeniedPointsToARule() {
    assertThat(message(5000, new SocketException("Permission denied")))
        .contains("0.0.0.0:5000: permission denied: look for a rule", "--listen")
        .doesNotContain("CAP_NET_BIND_SERVICE");
  }

  @Test
  void otherFailureIsToldInTheSystemsWords() {
    assertThat(message(5000, new IOException("No buffer space available")))
        .isEqualTo(
            "the registry cannot listen on 0.0.0.0:5000: No buffer space available; choose another"
                + " address with --listen");
  }

  private String failure(String host, int port) {
    Throwable cause =
        vertx
            .createNetServer()
            .connectHandler(connection -> {})
            .listen(port, host)
            .map(server -> new Throwable("it listens"))
            .otherwise(failed -> failed)
            .await();
    return ListenFailure.of("the registry", new ListenAddress(host, port), "--listen", cause)
        .getMessage();
  }

  private static String message(int port, Throwable cause) {
    return ListenFailure.of("the registry", new ListenAddress("0.0.0.0", port), "--listen", cause)
        .getMessage();
  }
}
