package dev.breakwater.fuzz;

import dev.breakwater.http.PathFuzz;
import dev.breakwater.http.QueryFuzz;
import dev.breakwater.oci.ManifestFuzz;
import dev.breakwater.oci.NamesFuzz;
import dev.breakwater.oci.PatternFuzz;
import dev.breakwater.oci.RangeFuzz;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The list of all targets, and their seeds. Each target has a method {@code fuzzerTestOneInput},
 * which returns if its subject did right by the input, and throws if not.
 */
final class FuzzTargets {
  static final List<Class<?>> ALL =
      List.of(
          PathFuzz.class,
          QueryFuzz.class,
          RangeFuzz.class,
          ManifestFuzz.class,
          NamesFuzz.class,
          PatternFuzz.class);

  private FuzzTargets() {}

  /** Runs a target once. */
  static void run(Class<?> target, byte[] input) throws Throwable {
    try {
      target.getMethod("fuzzerTestOneInput", byte[].class).invoke(null, (Object) input);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** The target of that simple name; all of them for an empty one. */
  static List<Class<?>> chosen(String name) {
    List<Class<?>> chosen =
        ALL.stream()
            .filter(target -> name.isEmpty() || target.getSimpleName().equals(name))
            .toList();
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException("there is no fuzz target " + name);
    }
    return chosen;
  }

  /** The seeds of these targets, each with its target's number in front. */
  static List<byte[]> seeds(List<Class<?>> targets) throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      for (byte[] seed : seeds(targets.get(i))) {
        byte[] numbered = new byte[seed.length + 1];
        numbered[0] = (byte) i;
        System.arraycopy(seed, 0, numbered, 1, seed.length);
        seeds.add(numbered);
      }
    }
    return seeds;
  }

  /**
   * The target's seeds: the lines of {@code src/test/resources/fuzz/NAME.seeds}, with the escapes
   * of a Java text block; every character is one byte.
   */
  static List<byte[]> seeds(Class<?> target) throws IOException {
    String name = "/fuzz/" + target.getSimpleName() + ".seeds";
    try (InputStream file = FuzzTargets.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IOException("there is no " + name);
      }
      return new String(file.readAllBytes(), StandardCharsets.ISO_8859_1)
          .lines()
          .filter(line -> !line.isEmpty())
          .map(line -> line.translateEscapes().getBytes(StandardCharsets.ISO_8859_1))
          .toList();
    }
  }
}
