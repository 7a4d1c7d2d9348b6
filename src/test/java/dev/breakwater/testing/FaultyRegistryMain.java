package dev.breakwater.testing;

import dev.breakwater.oci.Digest;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A {@link FaultyRegistry} to try things with by hand. It prints its addresses, then every request
 * until it is interrupted, and in the end how many bytes of each blob it has sent. The layers of
 * its images are real tar archives. With a JDK 25:
 *
 * <pre>{@code
 * mvn -q test-compile
 * java -cp target/test-classes:target/classes dev.breakwater.testing.FaultyRegistryMain \
 *     --port 5555 --bearer --redirect --image library/nginx:1.27:20M,3M --fault 'blob=cut:1M:rst*2'
 * }</pre>
 *
 * <p>or, with whatever JDK Maven finds for the build,
 *
 * <pre>{@code
 * mvn -q test-compile org.codehaus.mojo:exec-maven-plugin:3.6.3:exec -Dexec.executable=java \
 *     -Dexec.classpathScope=test \
 *     -Dexec.args="-cp %classpath dev.breakwater.testing.FaultyRegistryMain --help"
 * }</pre>
 */
public final class FaultyRegistryMain {
  private static final String HELP =
      """
      A registry on loopback that misbehaves as told.

        --port N                    the registry's port; any free one unless given
        --image REPO:TAG:SIZE,…     adds an image with layers of these sizes (repeatable)
        --bearer                    asks for tokens; anybody gets them
        --basic                     asks for name and password with every request
        --account USER:PASSWORD     adds an account (repeatable)
        --private REPO:USER         lets only that account have tokens for a repository (repeatable)
        --redirect                  redirects blobs to the CDN
        --pull-limit N              allows N GETs of manifests
        --rate SIZE                 bytes per second of every connection
        --tls VARIANT               valid, wrong_host, self_signed or expired
        --fault WHERE=FAULT,…*TIMES spoils answers (repeatable); the first that matches decides
        --help                      this text

      """
          + FaultNotation.GRAMMAR;

  private record Image(String repository, String tag, List<Long> layers) {}

  private FaultyRegistryMain() {}

  /** Runs until interrupted; exit status 2 for arguments it does not understand. */
  public static void main(String[] arguments) {
    if (List.of(arguments).contains("--help")) {
      System.out.print(HELP);
      return;
    }
    try {
      FaultyRegistry registry = start(List.of(arguments), System.out);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(registry, System.out)));
      printRequests(registry, System.out);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }

  /** Starts what the arguments describe and prints where it is; the caller closes it. */
  static FaultyRegistry start(List<String> arguments, PrintStream out) {
    Deque<String> left = new ArrayDeque<>(arguments);
    FaultyRegistryBuilder builder = FaultyRegistry.builder();
    List<Image> images = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    while (!left.isEmpty()) {
      String option = left.pop();
      switch (option) {
        case "--bearer" -> builder.bearer();
        case "--basic" -> builder.basic();
        case "--redirect" -> builder.redirectBlobs();
        case "--port" -> builder.port(number(option, left));
        case "--pull-limit" -> builder.pullLimit(number(option, left));
        case "--rate" -> builder.ratePerConnection(FaultNotation.size(value(option, left)));
        case "--account" -> {
          List<String> parts = parts(option, value(option, left), 2);
          builder.account(parts.get(0), parts.get(1));
        }
        case "--private" -> {
          List<String> parts = parts(option, value(option, left), 2);
          builder.privateRepository(parts.get(0), parts.get(1));
        }
        case "--tls" -> builder.tls(FaultNotation.choice(TlsVariant.class, value(option, left)));
        case "--image" -> images.add(image(parts(option, value(option, left), 3)));
        case "--fault" -> faults.add(value(option, left));
        default ->
            throw new IllegalArgumentException("unknown option '" + option + "'; see --help");
      }
    }
    FaultyRegistry registry = builder.start();
    try {
      faults.forEach(fault -> FaultNotation.apply(registry, fault));
    } catch (IllegalArgumentException e) {
      registry.close();
      throw e;
    }
    out.println("registry " + registry.url());
    out.println("tokens   " + registry.authUrl());
    out.println("cdn      " + registry.cdnUrl());
    images.forEach(image -> out.println("image    " + put(registry, image)));
    return registry;
  }

  private static String put(FaultyRegistry registry, Image image) {
    // The same name always gets the same content, whatever else is there.
    ImageBuilder builder = TestImage.docker().seed(image.repository.hashCode());
    image.layers.forEach(builder::tarLayer);
    TestImage built = builder.build();
    registry.put(image.repository, image.tag, built);
    return image.repository + ":" + image.tag + " " + built.digest();
  }

  private static void printRequests(FaultyRegistry registry, PrintStream out) {
    int printed = 0;
    while (true) {
      registry.awaitRequests(RequestMatcher.any(), printed + 1, Duration.ofDays(365));
      List<SeenRequest> requests = registry.requests();
      requests.subList(printed, requests.size()).forEach(out::println);
      printed = requests.size();
    }
  }

  private static void end(FaultyRegistry registry, PrintStream out) {
    registry.close();
    registry.requests(RequestMatcher.blobBytes()).stream()
        .map(SeenRequest::reference)
        .distinct()
        .forEach(
            blob -> out.println("sent " + blob + " " + registry.bytesSent(Digest.parse(blob))));
  }

  private static Image image(List<String> parts) {
    List<Long> layers = new ArrayList<>();
    for (String size : parts.get(2).split(",", -1)) {
      layers.add(FaultNotation.size(size));
    }
    return new Image(parts.get(0), parts.get(1), layers);
  }

  private static String value(String option, Deque<String> left) {
    if (left.isEmpty()) {
      throw new IllegalArgumentException(option + " needs a value; see --help");
    }
    return left.pop();
  }

  private static int number(String option, Deque<String> left) {
    String value = value(option, left);
    if (!value.matches("[0-9]{1,9}")) {
      throw new IllegalArgumentException(option + " needs a number, not '" + value + "'");
    }
    return Integer.parseInt(value);
  }

  private static List<String> parts(String option, String value, int count) {
    List<String> parts = List.of(value.split(":", -1));
    if (parts.size() != count) {
      throw new IllegalArgumentException(
          option + " needs " + count + " parts separated by ':', not '" + value + "'");
    }
    return parts;
  }
}
