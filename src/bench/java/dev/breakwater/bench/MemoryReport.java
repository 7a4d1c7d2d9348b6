package dev.breakwater.bench;

import dev.breakwater.e2e.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process with a JVM holds in memory: resident pages as the kernel counts them, and who in
 * the JVM asked for them. The process must run with {@code -XX:NativeMemoryTracking=summary}.
 */
final class MemoryReport {
  private static final Pattern HEAD =
      Pattern.compile("^([0-9a-f]+)-([0-9a-f]+) \\S+ \\S+ \\S+ \\d+ *(.*)$");
  private static final Pattern CATEGORY =
      Pattern.compile("^-\\s+(\\S.*\\S) \\(reserved=\\d+KB, committed=(\\d+)KB");
  private static final Pattern HEAP = Pattern.compile("total +(\\d+)K, used +(\\d+)K");

  private final long pid;

  MemoryReport(long pid) {
    this.pid = pid;
  }

  /** A line of {@code /proc/PID/status} in bytes, such as VmRSS, VmHWM, RssAnon or RssFile. */
  long status(String name) {
    return read("status")
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .findFirst()
        .orElse(0);
  }

  /** How many files and sockets it has open. */
  long descriptors() {
    String[] names = Path.of("/proc", Long.toString(pid), "fd").toFile().list();
    return names == null ? 0 : names.length;
  }

  /** Bytes of the Java heap that hold objects, alive or dead. */
  long heapUsed() {
    long used = 0;
    Matcher areas = HEAP.matcher(command("GC.heap_info"));
    while (areas.find()) {
      used += Long.parseLong(areas.group(2)) * 1024;
    }
    return used;
  }

  /** What the JVM has committed, by category, in bytes. */
  Map<String, Long> committed() {
    Map<String, Long> categories = new TreeMap<>();
    command("VM.native_memory", "summary")
        .lines()
        .map(CATEGORY::matcher)
        .filter(Matcher::find)
        .forEach(line -> categories.put(line.group(1), Long.parseLong(line.group(2)) * 1024));
    return categories;
  }

  /** Resident bytes by what the mappings are of. */
  Map<String, Long> resident() {
    Map<String, Long> kinds = new TreeMap<>();
    String kind = "";
    for (String line : read("smaps").lines().toList()) {
      Matcher head = HEAD.matcher(line);
      if (head.matches()) {
        kind = kind(head.group(3));
      } else if (line.startsWith("Rss:")) {
        kinds.merge(kind, Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024, Long::sum);
      }
    }
    return kinds;
  }

  private static String kind(String name) {
    if (name.isEmpty() || name.startsWith("[anon")) {
      return "anonymous mappings";
    }
    if (name.startsWith("[")) {
      return name;
    }
    if (name.endsWith(".jsa") || name.endsWith("/modules")) {
      return "files of the JDK";
    }
    return name.contains(".so") ? "native libraries" : "other files";
  }

  /** {@code 12.3 MiB} */
  static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }

  private String command(String... words) {
    Path java = Path.of(ProcessHandle.of(pid).flatMap(p -> p.info().command()).orElseThrow());
    return Command.of(java.resolveSibling("jcmd"), pid).and((Object[]) words).run();
  }

  private String read(String name) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
