package dev.breakwater.bench;

import dev.breakwater.e2e.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The Linux machine that measures itself. */
final class Machine {
  private static final long TICKS_PER_SECOND =
      Long.parseLong(Command.of("getconf", "CLK_TCK").run());

  private Machine() {}

  /** One line: processors, kernel, Java and load. */
  static String description() {
    String model =
        read(Path.of("/proc/cpuinfo"))
            .lines()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse(System.getProperty("os.arch"));
    return "%d x %s, Linux %s, Java %s, load %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            model,
            System.getProperty("os.version"),
            Runtime.version(),
            load());
  }

  /** The load average of the last minute, five and fifteen. */
  static String load() {
    List<String> fields = List.of(read(Path.of("/proc/loadavg")).split(" ", -1));
    return String.join(" ", fields.subList(0, 3));
  }

  /**
   * Binds every thread of this process to one processor, and thereby all processes it starts from
   * now on.
   */
  static void stayOn(int processor) {
    Command.of("taskset", "-acp", processor, ProcessHandle.current().pid()).run();
  }

  /** Processor seconds, user and system, that a process and its living descendants have used. */
  static double processorSeconds(long pid) {
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    try (Stream<ProcessHandle> descendants = process.descendants()) {
      return Stream.concat(Stream.of(process), descendants)
              .mapToLong(each -> ticks(each.pid()))
              .sum()
          / (double) TICKS_PER_SECOND;
    }
  }

  /** The same of one process, by the kinds of its threads: their names without numbers. */
  static Map<String, Double> processorSecondsByThread(long pid) {
    Map<String, Double> seconds = new TreeMap<>();
    try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      threads.forEach(
          thread -> {
            String stat = read(thread.resolve("stat"));
            String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
            seconds.merge(
                name.replaceAll("[-#0-9 ]+$", ""),
                ticks(stat) / (double) TICKS_PER_SECOND,
                Double::sum);
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return seconds;
  }

  /**
   * Writes a file of so many bytes and removes it again, so that what is measured next finds memory
   * that this machine owns already. A virtual machine gives free memory back to its host; a page
   * cache made of it is filled at 0.4 GB/s where it would be 4 GB/s, and that is not what is
   * measured.
   */
  static void touchMemory(Path directory, long bytes) {
    Path file = directory.resolve("memory");
    ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
    try {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        for (long written = 0; written < bytes; written += zeros.capacity()) {
          channel.write(zeros.clear());
        }
      }
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long ticks(long pid) {
    return ticks(read(Path.of("/proc", Long.toString(pid), "stat")));
  }

  private static long ticks(String stat) {
    // The second field is a name in parentheses that may hold anything; utime and stime are the
    // fourteenth and the fifteenth.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
