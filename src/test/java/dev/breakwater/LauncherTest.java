package dev.breakwater;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell script that finds a JDK, run with JDKs that only print what they were given. */
class LauncherTest {
  @TempDir Path directory;

  private Path launcher;

  @BeforeEach
  void install() throws Exception {
    Path source = Path.of("src/main/bin/breakwater");
    assertThat(source).isExecutable();
    launcher = Files.createDirectories(directory.resolve("home dir/bin")).resolve("breakwater");
    Files.copy(source, launcher, StandardCopyOption.COPY_ATTRIBUTES);
  }

  @Test
  void namedJdkGetsOptionsThenArguments() throws Exception {
    Path jdk = jdk("25.0.3");
    Result result =
        run(
            Map.of("BREAKWATER_JAVA", jdk.toString(), "BREAKWATER_OPTS", "-Xmx1g -Da=*"),
            "serve",
            "--data",
            "two words");

    assertThat(result.exitCode()).isZero();
    assertThat(result.lines())
        .startsWith(jdk + "/bin/java")
        .containsSubsequence("-Xmx144m", "-XX:+ExitOnOutOfMemoryError", "-Xmx1g", "-Da=*", "-cp")
        .contains("-Djava.library.path=" + directory + "/home dir/lib/native")
        .endsWith(
            "-cp",
            directory + "/home dir/lib/*",
            "dev.breakwater.Main",
            "serve",
            "--data",
            "two words");
  }

  /** Without one of these the process grows beyond what docs/memory.md promises. */
  @Test
  void memoryIsBounded() throws Exception {
    Path jdk = jdk("25");

    assertThat(run(Map.of("BREAKWATER_JAVA", jdk.toString())).lines())
        .contains(
            "-Xmx144m",
            "-Xmn56m",
            "-XX:SurvivorRatio=5",
            "-XX:-UseAdaptiveSizePolicy",
            "-XX:ReservedCodeCacheSize=64m",
            "-XX:MaxDirectMemorySize=64m",
            "-XX:TrimNativeHeapInterval=5000",
            "-Dio.netty.allocator.maxOrder=7",
            "MALLOC_ARENA_MAX=2");
  }

  /** Standard output is no terminal here, so log lines are JSON. */
  @Test
  void theJvmPrintsNothingBetweenJsonLinesUnlessToldTo() throws Exception {
    Path jdk = jdk("25");

    assertThat(
            run(Map.of("BREAKWATER_JAVA", jdk.toString(), "BREAKWATER_OPTS", "-Xlog:all=warning"))
                .lines())
        .contains("-XX:-PrintWarnings", "--sun-misc-unsafe-memory-access=allow")
        .containsSubsequence("-Xlog:disable", "-Xlog:all=warning");
  }

  @Test
  void arenasOfTheOperatorsChoiceAreLeftAlone() throws Exception {
    Path jdk = jdk("25");

    assertThat(run(Map.of("BREAKWATER_JAVA", jdk.toString(), "MALLOC_ARENA_MAX", "8")).lines())
        .contains("MALLOC_ARENA_MAX=8");
  }

  @Test
  void javaBinaryIsTakenLikeItsJdk() throws Exception {
    Path java = jdk("26-ea").resolve("bin/java");

    assertThat(run(Map.of("BREAKWATER_JAVA", java.toString())).lines()).startsWith(java.toString());
  }

  @Test
  void linkToTheLauncherFindsItsHome() throws Exception {
    Path jdk = jdk("25");
    launcher = Files.createSymbolicLink(directory.resolve("link"), launcher);

    assertThat(run(Map.of("BREAKWATER_JAVA", jdk.toString())).lines())
        .contains(directory + "/home dir/lib/*");
  }

  @Test
  void javaHomeIsTakenWhenItIsNewEnough() throws Exception {
    Path jdk = jdk("25.0.1");

    assertThat(run(Map.of("JAVA_HOME", jdk.toString())).lines()).startsWith(jdk + "/bin/java");
  }

  @Test
  void oldJavaHomeIsPassedOver() throws Exception {
    Path old = jdk("17.0.15");

    // Whether the machine has a JDK elsewhere is its own business; this one is not it.
    assertThat(run(Map.of("JAVA_HOME", old.toString())).lines()).doesNotContain(old + "/bin/java");
  }

  @Test
  void jdkWithoutReleaseFileIsAskedForItsVersion() throws Exception {
    Path jdk = jdk("25.0.3");
    Files.delete(jdk.resolve("release"));

    assertThat(run(Map.of("BREAKWATER_JAVA", jdk.toString())).lines())
        .startsWith(jdk + "/bin/java");
  }

  @Test
  void namedJdkThatIsTooOldIsAnErrorInOneLine() throws Exception {
    Path old = jdk("17.0.15");
    Result result = run(Map.of("BREAKWATER_JAVA", old.toString()));

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.lines())
        .containsExactly("breakwater: BREAKWATER_JAVA=" + old + " is not a JDK 25 or newer");
  }

  @Test
  void namedJdkThatDoesNotExistIsAnErrorInOneLine() throws Exception {
    Result result = run(Map.of("BREAKWATER_JAVA", "/nope/bin/java"));

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.lines())
        .containsExactly("breakwater: BREAKWATER_JAVA=/nope/bin/java is not a JDK 25 or newer");
  }

  private Path jdk(String version) throws IOException {
    Path jdk = Files.createDirectories(directory.resolve("jdk " + version));
    Path java = Files.createDirectories(jdk.resolve("bin")).resolve("java");
    Files.writeString(
        java,
        """
        #!/bin/sh
        if [ "$1" = -version ]; then echo 'openjdk version "%s" 2026-01-01' >&2; exit; fi
        printf '%%s\\n' "$0" "MALLOC_ARENA_MAX=$MALLOC_ARENA_MAX" "$@"
        """
            .formatted(version));
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(
        jdk.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    return jdk;
  }

  private Result run(Map<String, String> environment, String... args) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(Stream.concat(Stream.of(launcher.toString()), Stream.of(args)).toList());
    builder.environment().keySet().removeAll(List.of("JAVA_HOME", "BREAKWATER_JAVA"));
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), output.lines().toList());
  }

  private record Result(int exitCode, List<String> lines) {}
}
