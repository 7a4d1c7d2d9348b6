package dev.breakwater.app;

import dev.breakwater.config.ListenAddress;
import dev.breakwater.config.ListenerConfig;
import dev.breakwater.oci.Amounts;
import dev.breakwater.oci.Quoted;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a server that has just started tells its operator.
 *
 * @param listeners where clients are answered, with the ports that are really bound
 * @param admin where operators are answered, likewise
 * @param data the data directory
 * @param usedBytes what the cache has of the disk
 * @param limitBytes what it may have at the most
 * @param isNew whether there is nothing in the cache because it is its first start
 */
public record StartReport(
    List<ListenerConfig> listeners,
    ListenAddress admin,
    Path data,
    long usedBytes,
    long limitBytes,
    boolean isNew) {
  private static final Logger log = LoggerFactory.getLogger(StartReport.class);

  /** Writes the line that tells the start in the log. */
  void log() {
    log.atInfo()
        .addKeyValue("version", Version.text())
        .addKeyValue("used_bytes", usedBytes)
        .addKeyValue("limit_bytes", limitBytes)
        .log(text());
  }

  /** Where it answers, and how full the cache is. */
  String text() {
    String clients =
        listeners.stream()
            .map(listener -> listener.scheme() + "://" + listener.address())
            .collect(Collectors.joining(", "));
    String content =
        isNew
            ? "new, empty cache, at most " + Amounts.bytes(limitBytes)
            : Amounts.bytes(usedBytes) + " of at most " + Amounts.bytes(limitBytes) + " used";
    return "ready: clients "
        + clients
        + "; admin http://"
        + admin
        + "; data directory "
        + Quoted.escape(data.toString())
        + ": "
        + content;
  }
}
