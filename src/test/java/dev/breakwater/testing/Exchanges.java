package dev.breakwater.testing;

import java.io.IOException;

/** The requests to one listener: healthy answer, script, log, wire. Safe for all threads. */
final class Exchanges implements Connection.Service {
  private final Listener listener;
  private final Site site;
  private final Script script;
  private final RequestLog log;
  private final long rate;
  private final String prefix;

  /**
   * Exchanges of a listener.
   *
   * @param prefix what every path begins with
   * @param rate bytes per second of every connection, or 0 without a limit
   */
  Exchanges(Listener listener, Site site, Script script, RequestLog log, long rate, String prefix) {
    this.listener = listener;
    this.site = site;
    this.script = script;
    this.log = log;
    this.rate = rate;
    this.prefix = prefix;
  }

  @Override
  public AnswerSender.Ending serve(IncomingRequest request, Connection connection)
      throws IOException {
    IncomingRequest below = request.below(prefix);
    Target target = Target.of(listener, below.path());
    Answer answer =
        request.flaw().isEmpty()
            ? site.answer(below, target)
            : Answer.of(400, "text/plain", "400 Bad Request: " + request.flaw() + "\n");
    answer.rate(rate);
    SeenRequest seen = spoil(seen(request, target, answer, connection), answer);
    log.arrived(seen);
    try {
      return connection
          .sender()
          .send(request, answer, n -> answer.digest().ifPresent(d -> log.sending(d, n)));
    } finally {
      log.answered(seen);
    }
  }

  private SeenRequest spoil(SeenRequest plain, Answer answer) {
    return script
        .next(plain)
        .map(
            fault -> {
              fault.spoil(plain, answer);
              return plain.spoiledBy(fault.toString());
            })
        .orElse(plain);
  }

  private SeenRequest seen(
      IncomingRequest request, Target target, Answer answer, Connection connection) {
    return new SeenRequest(
        log.nextNumber(),
        connection.number(),
        listener,
        target.kind(),
        target.repository(),
        target.reference(),
        request.flaw().isEmpty() ? request.method() : "(" + request.flaw() + ")",
        request.path(),
        request.query(),
        request.headers(),
        request.body(),
        answer.status(),
        answer.isChallenge(),
        "");
  }
}
