package dev.breakwater.admin;

import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The answer of a health endpoint, in the manner of Kubernetes' own: {@code ok} or the checks that
 * are not; every check with {@code ?verbose}. A check that does not answer in time is not well.
 */
final class Health {
  private static final long PATIENCE_SECONDS = 2;

  private final String name;
  private final List<HealthCheck> checks;

  Health(String name, List<HealthCheck> checks) {
    this.name = name;
    this.checks = List.copyOf(checks);
  }

  private record Outcome(String name, String failure, String degradation) {
    boolean isWell() {
      return failure.isEmpty();
    }

    @Override
    public String toString() {
      if (!isWell()) {
        return "[-]" + name + " failed: " + failure + "\n";
      }
      return "[+]" + name + (degradation.isEmpty() ? " ok" : " degraded: " + degradation) + "\n";
    }
  }

  Future<AdminAnswer> answer(Map<String, String> parameters) {
    List<Future<Outcome>> asked = checks.stream().map(Health::ask).toList();
    return Future.all(asked)
        .map(
            all ->
                report(
                    asked.stream().map(Future::result).toList(),
                    parameters.containsKey("verbose")));
  }

  private static Future<Outcome> ask(HealthCheck check) {
    Future<Void> answer;
    try {
      answer = check.check().get();
    } catch (RuntimeException e) {
      answer = Future.failedFuture(e);
    }
    return answer
        .timeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .map(well -> new Outcome(check.name(), "", check.degradation().get().orElse("")))
        .otherwise(failure -> new Outcome(check.name(), reason(failure), ""));
  }

  private static String reason(Throwable failure) {
    String message = Objects.requireNonNullElse(failure.getMessage(), "");
    return message.isBlank() ? "the log may tell why" : message.replaceAll("\\p{Cntrl}", " ");
  }

  private AdminAnswer report(List<Outcome> outcomes, boolean verbose) {
    boolean well = outcomes.stream().allMatch(Outcome::isWell);
    if (well && !verbose) {
      return AdminAnswer.text(200, "ok\n");
    }
    StringBuilder text = new StringBuilder();
    for (Outcome outcome : outcomes) {
      if (verbose || !outcome.isWell()) {
        text.append(outcome);
      }
    }
    text.append(name).append(well ? " check passed\n" : " check failed\n");
    return AdminAnswer.text(well ? 200 : 503, text.toString());
  }
}
