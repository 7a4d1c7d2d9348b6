package dev.breakwater.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The fuzz targets under Jazzer, which looks for inputs that reach new branches. It runs in a
 * process of its own; the log, the inputs worth keeping and those that fail are in {@code
 * target/fuzz}. An input that takes five seconds, or more memory than the heap has, is a failure.
 *
 * <p>{@code -Dfuzz.seconds} says how long; {@code -Dfuzz.target} chooses one of the targets, which
 * otherwise take turns. A failure is mended with a plain unit test for its kind; its input becomes
 * a seed.
 */
@Tag("slow")
class CoverageGuidedFuzzTest {
  private static final int SECONDS = Integer.getInteger("fuzz.seconds", 20);
  private static final String TARGET = System.getProperty("fuzz.target", "");
  private static final Path ROOT = Path.of("target", "fuzz").toAbsolutePath();
  private static final int LEAST_EXECUTIONS = 1000;
  private static final Pattern EXECUTIONS =
      Pattern.compile("stat::number_of_executed_units: +([0-9]+)");

  @Test
  void noInputBreaksATarget() throws Exception {
    Path directory = ROOT.resolve(TARGET.isEmpty() ? "all" : TARGET);
    Path corpus = Files.createDirectories(directory.resolve("corpus"));
    Path seeds = Files.createDirectories(directory.resolve("seeds"));
    write(FuzzTargets.seeds(FuzzTargets.chosen(TARGET)), seeds);
    Path log = directory.resolve("log");
    Process process =
        new ProcessBuilder(command(directory, corpus, seeds))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      // The limit is for Jazzer itself; it ends an input that hangs.
      boolean ended = process.waitFor(SECONDS + 120L, TimeUnit.SECONDS);
      String text = Files.readString(log, StandardCharsets.ISO_8859_1);
      assertThat(ended).as("it ends: %s", log).isTrue();
      assertThat(process.exitValue()).as(() -> "exit code; see " + log + "\n" + end(text)).isZero();
      Matcher executions = EXECUTIONS.matcher(text);
      assertThat(executions.find()).as("executions in %s", log).isTrue();
      System.out.println(
          "Fuzzing, " + directory.getFileName() + ": " + executions.group(1) + " executions");
      assertThat(Long.parseLong(executions.group(1))).isGreaterThan(LEAST_EXECUTIONS);
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> command(Path directory, Path corpus, Path seeds) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-Dfuzz.target=" + TARGET,
        "-cp",
        System.getProperty("java.class.path"),
        "com.code_intelligence.jazzer.Jazzer",
        "--target_class=" + AllTargetsFuzz.class.getName(),
        "--instrumentation_includes=dev.breakwater.**:com.fasterxml.jackson.core.**"
            + ":org.snakeyaml.engine.**",
        "--custom_hook_includes=dev.breakwater.**",
        // Its checks for injections look for other products' faults and cost most of the time.
        "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.*",
        "--reproducer_path=" + directory,
        "-artifact_prefix=" + directory + "/",
        "-max_total_time=" + SECONDS,
        "-timeout=20",
        "-max_len=4096",
        "-rss_limit_mb=3072",
        "-print_final_stats=1",
        corpus.toString(),
        seeds.toString());
  }

  private static void write(List<byte[]> seeds, Path directory) throws IOException {
    for (int i = 0; i < seeds.size(); i++) {
      Files.write(directory.resolve(String.valueOf(i)), seeds.get(i));
    }
  }

  private static String end(String log) {
    return log.substring(Math.max(0, log.length() - 4000));
  }
}
