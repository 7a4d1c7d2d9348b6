package dev.breakwater.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Sixty days of pulls, made up but in the shape of real ones: few base layers that many images
 * share, some layers an application keeps from version to version, some that each version has
 * afresh, popularity by Zipf's law, new versions all the time.
 */
final class LayerTrace {
  private static final int DAYS = 60;
  private static final long DAY = 24L * 3600 * 1000;
  private static final int APPLICATIONS = 400;
  private static final int BASES = 40;

  /** What a trace is like. */
  enum Kind {
    /** Blobs asked for one by one, as if they had nothing to do with each other. */
    BLOBS,
    /** Every pull asks for everything, as a fleet of fresh machines does. */
    FRESH,
    /** Half of the pulls come from machines that have the version before. */
    MIXED,
    /** The same, and every third day a client pulls every version of everything once. */
    SCANNED
  }

  /**
   * One image is pulled.
   *
   * @param at when, in milliseconds
   * @param asked the blobs the client asks for
   * @param named all that its manifest names
   */
  record Pull(long at, int[] asked, int[] named) {}

  private final Random random;
  private final Kind kind;
  private final List<Long> sizes = new ArrayList<>();
  private final List<int[]> bases = new ArrayList<>();
  private final List<Application> applications = new ArrayList<>();
  private final List<Pull> pulls = new ArrayList<>();

  private final class Application {
    private final int[] base = bases.get(zipf(BASES, 1.0));
    private final int[] kept = blobs(1 + random.nextInt(4), 4e6, 1.6);
    private final double days = 1 + 14 * random.nextDouble() * random.nextDouble();
    private final List<int[]> versions = new ArrayList<>();
    private double next;

    private void advance(double day) {
      while (versions.isEmpty() || next <= day) {
        int[] own = blobs(1 + random.nextInt(3), 2e6, 2.0);
        int[] config = {blob(2_000 + random.nextInt(10_000))};
        versions.add(concat(base, kept, own, config));
        next += -days * Math.log(1 - random.nextDouble());
      }
    }
  }

  /** The same seed gives the same trace. */
  LayerTrace(Kind kind, int pullCount, long seed) {
    this.kind = kind;
    this.random = new Random(seed);
    for (int i = 0; i < BASES; i++) {
      bases.add(blobs(1 + random.nextInt(3), 25e6, 1.0));
    }
    for (int i = 0; i < APPLICATIONS; i++) {
      applications.add(new Application());
    }
    generate(pullCount);
  }

  private void generate(int pullCount) {
    int lastScan = 0;
    for (int i = 0; i < pullCount; i++) {
      double day = (double) i * DAYS / pullCount;
      if (kind == Kind.SCANNED && (int) day / 3 > lastScan) {
        lastScan = (int) day / 3;
        scan(day);
      }
      Application application = applications.get(zipf(APPLICATIONS, 0.9));
      application.advance(day);
      List<int[]> versions = application.versions;
      int back = Math.min(versions.size() - 1, (int) (-0.5 * Math.log(1 - random.nextDouble())));
      int[] image = versions.get(versions.size() - 1 - back);
      pull(day, asked(versions, versions.size() - 1 - back, image), image);
    }
  }

  private int[] asked(List<int[]> versions, int version, int[] image) {
    if (kind == Kind.BLOBS) {
      return new int[] {image[random.nextInt(image.length)]};
    }
    if (kind == Kind.FRESH || version == 0 || random.nextBoolean()) {
      return image;
    }
    int[] before = versions.get(version - 1);
    return Arrays.stream(image)
        .filter(blob -> Arrays.stream(before).noneMatch(have -> have == blob))
        .toArray();
  }

  private void scan(double day) {
    for (Application application : applications) {
      application.advance(day);
      application.versions.forEach(image -> pull(day, image, image));
    }
  }

  private void pull(double day, int[] asked, int[] named) {
    pulls.add(new Pull((long) (day * DAY), asked, named));
  }

  List<Pull> pulls() {
    return pulls;
  }

  long size(int blob) {
    return sizes.get(blob);
  }

  /** The bytes of everything that is ever asked for. */
  long footprint() {
    return pulls.stream()
        .flatMapToInt(pull -> Arrays.stream(pull.asked()))
        .distinct()
        .mapToLong(this::size)
        .sum();
  }

  private int[] blobs(int count, double median, double sigma) {
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = blob((long) Math.min(2e9, median * Math.exp(sigma * random.nextGaussian())));
    }
    return ids;
  }

  private int blob(long size) {
    sizes.add(Math.max(32, size));
    return sizes.size() - 1;
  }

  /** A number below {@code count}, small ones more often. */
  private int zipf(int count, double skew) {
    double total = 0;
    for (int i = 1; i <= count; i++) {
      total += Math.pow(i, -skew);
    }
    double left = random.nextDouble() * total;
    for (int i = 1; i < count; i++) {
      left -= Math.pow(i, -skew);
      if (left <= 0) {
        return i - 1;
      }
    }
    return count - 1;
  }

  private static int[] concat(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
  }
}
