package dev.breakwater.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Changes seeds at random, without knowing what they mean. */
final class Mutator {
  private static final int LONGEST = 4096;

  private final Random random;
  private final List<byte[]> seeds;

  Mutator(Random random, List<byte[]> seeds) {
    this.random = random;
    this.seeds = seeds;
  }

  /** A seed with one to four changes. */
  byte[] next() {
    byte[] input = seed();
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      input = changed(input);
    }
    return input;
  }

  private byte[] seed() {
    return seeds.get(random.nextInt(seeds.size()));
  }

  private byte[] changed(byte[] input) {
    int at = random.nextInt(input.length + 1);
    int end = at + random.nextInt(Math.min(32, input.length - at) + 1);
    return switch (random.nextInt(6)) {
      case 0 -> joined(input, at, new byte[] {(byte) random.nextInt(256)}, at);
      case 1 -> joined(input, at, new byte[] {(byte) random.nextInt(256)}, end);
      case 2 -> joined(input, at, new byte[0], end);
      case 3 -> joined(input, at, repeated(input, at, end, 1 + random.nextInt(64)), at);
      case 4 -> joined(input, at, number(), end);
      default -> spliced(input, at, end, seed());
    };
  }

  private byte[] number() {
    String[] numbers = {"0", "-1", "99999999999999999999", "9223372036854775807", "1e9", "%00"};
    return numbers[random.nextInt(numbers.length)].getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] repeated(byte[] input, int start, int end, int times) {
    ByteArrayOutputStream copies = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      copies.write(input, start, end - start);
    }
    return copies.toByteArray();
  }

  private byte[] spliced(byte[] input, int at, int end, byte[] other) {
    int from = random.nextInt(other.length + 1);
    int length = random.nextInt(other.length - from + 1);
    byte[] part = new byte[length];
    System.arraycopy(other, from, part, 0, length);
    return joined(input, at, part, end);
  }

  /** The input up to one place, something in between, and the input from the other place on. */
  private static byte[] joined(byte[] input, int at, byte[] between, int end) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    joined.write(input, 0, at);
    joined.writeBytes(between);
    joined.write(input, end, input.length - end);
    byte[] all = joined.toByteArray();
    return all.length <= LONGEST ? all : Arrays.copyOf(all, LONGEST);
  }
}
