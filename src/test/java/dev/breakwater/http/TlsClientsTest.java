package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TlsClientsTest {
  private final AtomicLong nanos = new AtomicLong();
  private final TlsClients clients = new TlsClients(nanos::get);

  @Test
  void clientThatSpeaksTlsIsWarnedOfOnceAnHour() {
    assertThat(warns("10.0.0.7")).isTrue();
    nanos.addAndGet(TlsClients.SILENCE.toNanos() - 1);
    assertThat(warns("10.0.0.7")).isFalse();
    nanos.addAndGet(1);
    assertThat(warns("10.0.0.7")).isTrue();
  }

  @Test
  void clientThatTriesAgainInPlainHttpIsNotWarnedOf() {
    assertThat(clients.refused("10.0.0.7")).isTrue();
    clients.spokePlainHttp("10.0.0.7");
    passFallback();
    assertThat(clients.isWarningDue("10.0.0.7")).isFalse();
    assertThat(warns("10.0.0.7")).as("when it no longer does").isTrue();
  }

  @Test
  void plainHttpOfAnotherClientExcusesNone() {
    clients.refused("10.0.0.7");
    clients.spokePlainHttp("10.0.0.8");
    passFallback();
    assertThat(clients.isWarningDue("10.0.0.7")).isTrue();
  }

  @Test
  void severalConnectionsOfOneClientAreOneQuestion() {
    assertThat(clients.refused("10.0.0.7")).isTrue();
    assertThat(clients.refused("10.0.0.7")).isFalse();
    passFallback();
    assertThat(clients.isWarningDue("10.0.0.7")).isTrue();
    assertThat(clients.isWarningDue("10.0.0.7")).isFalse();
  }

  @Test
  void laterTryIsNotJudgedWhenTheTimeOfAnEarlierOneIsOver() {
    clients.refused("10.0.0.7");
    clients.spokePlainHttp("10.0.0.7");
    nanos.addAndGet(TlsClients.FALLBACK.toNanos() - 1);
    assertThat(clients.refused("10.0.0.7")).isTrue();
    nanos.addAndGet(1);
    assertThat(clients.isWarningDue("10.0.0.7")).as("of the first").isFalse();
    clients.spokePlainHttp("10.0.0.7");
    passFallback();
    assertThat(clients.isWarningDue("10.0.0.7")).as("of the second").isFalse();
  }

  @Test
  void clientsThatAreRememberedAreBounded() {
    for (int i = 0; i < TlsClients.MAX_CLIENTS; i++) {
      assertThat(warns("client" + i)).isTrue();
    }
    assertThat(warns("one more")).isFalse();
    nanos.addAndGet(TlsClients.SILENCE.toNanos());
    assertThat(warns("one more")).isTrue();
  }

  @Test
  void clientsThatAreWaitedForCountForTheBound() {
    for (int i = 0; i < TlsClients.MAX_CLIENTS; i++) {
      assertThat(clients.refused("client" + i)).isTrue();
    }
    assertThat(clients.refused("one more")).isFalse();
    clients.spokePlainHttp("client0");
    assertThat(clients.refused("one more")).isTrue();
  }

  private boolean warns(String client) {
    boolean asked = clients.refused(client);
    passFallback();
    return asked && clients.isWarningDue(client);
  }

  private void passFallback() {
    nanos.addAndGet(TlsClients.FALLBACK.toNanos());
  }
}
