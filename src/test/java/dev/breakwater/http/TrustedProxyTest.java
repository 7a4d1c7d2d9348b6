package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.breakwater.testing.Eventually;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class TrustedProxyTest {
  private static ServerSettings behind(
      Predicate<InetAddress> proxies, ServerSettings.Limits limits) {
    return new ServerSettings(
        new ServerSettings.Listener(
            "127.0.0.1", 0, ServerSettings.Face.BOTH, Optional.empty(), proxies),
        2,
        true,
        Duration.ofSeconds(10),
        limits);
  }

  private static String clientInTheLog(Predicate<InetAddress> proxies) throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger("access");
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    logger.setLevel(Level.INFO);
    try (TestServer server = new TestServer(behind(proxies, ServerSettings.Limits.DEFAULTS));
        RawClient client = server.connect()) {
      client.sendHead("GET /v2/ HTTP/1.1", "Host: m", "X-Forwarded-For: 192.0.2.1").read();
      Eventually.until("there is a line", () -> !log.list.isEmpty());
    } finally {
      logger.detachAppender(log);
      logger.setLevel(null);
    }
    return log.list.getFirst().getKeyValuePairs().stream()
        .filter(pair -> pair.key.equals("client"))
        .map(pair -> String.valueOf(pair.value))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void clientInTheLogIsTheOneThatATrustedProxyNames() throws Exception {
    assertThat(clientInTheLog(InetAddress::isLoopbackAddress)).isEqualTo("192.0.2.1");
  }

  @Test
  void strangersNameNoOtherClient() throws Exception {
    assertThat(clientInTheLog(address -> !address.isLoopbackAddress())).isEqualTo("127.0.0.1");
    assertThat(clientInTheLog(ServerSettings.NO_PROXIES)).isEqualTo("127.0.0.1");
  }

  @Test
  void connectionsOfATrustedProxyAreNotLimitedAsThoseOfOneClient() throws Exception {
    try (TestServer server =
            new TestServer(
                behind(InetAddress::isLoopbackAddress, TestServer.connectionLimits(6, 1)));
        RawClient first = server.connect();
        RawClient second = server.connect()) {
      assertThat(first.get("/v2/").read().status()).isEqualTo(200);
      assertThat(second.get("/v2/").read().status()).isEqualTo(200);
      assertThat(first.get("/v2/").read().status()).isEqualTo(200);
    }
  }
}
