package dev.breakwater.bench;

import dev.breakwater.e2e.Command;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The load generator wrk, with one thread. */
final class Wrk {
  private static final Pattern TOTAL = Pattern.compile("(\\d+) requests in ([0-9.]+)(m?s),");
  private static final Pattern FAILURE = Pattern.compile("(Non-2xx|Socket errors).*");

  private Wrk() {}

  /** Repeats a GET; fails if an answer is not 200 or a connection breaks. */
  static Load.Outcome run(URI target, int connections, Duration time, String... fields) {
    Command command =
        Command.of("wrk", "-t1", "-c" + connections, "-d" + time.toSeconds() + "s")
            .and("-H", "Accept: " + Connection.ACCEPT);
    for (String field : fields) {
      command = command.and("-H", field);
    }
    String output = command.and(target).run();
    Matcher total = TOTAL.matcher(output);
    if (FAILURE.matcher(output).find() || !total.find()) {
      throw new IllegalStateException(target + ": wrk says\n" + output);
    }
    double unit = total.group(3).toLowerCase(Locale.ROOT).equals("ms") ? 1e-3 : 1;
    return new Load.Outcome(
        Long.parseLong(total.group(1)), Double.parseDouble(total.group(2)) * unit);
  }
}
