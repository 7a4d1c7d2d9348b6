package dev.breakwater.http;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.breakwater.tls.ClientAuthorities;
import dev.breakwater.tls.ServerCertificates;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How a listener of the distribution API behaves.
 *
 * @param listener what the operator says of it
 * @param eventLoops how many event loops share the listener
 * @param zeroCopy whether files go from the page cache to the socket inside the kernel; without it
 *     (and always under TLS) they are read in pieces on worker threads
 * @param drain how long running answers may take to end when the server is closed
 * @param limits what clients may do
 */
public record ServerSettings(
    Listener listener, int eventLoops, boolean zeroCopy, Duration drain, Limits limits) {

  /** No address is one of a proxy. */
  public static final Predicate<InetAddress> NO_PROXIES = address -> false;

  /** What a listener is for its clients. Until there are logins and pushes, each only mirrors. */
  public enum Face {
    /**
     * A mirror: it must never challenge, for dockerd would answer with Docker Hub's credentials.
     */
    MIRROR,
    /** A registry of its own, with logins and pushes. */
    REGISTRY,
    /** Both on one port. */
    BOTH
  }

  /**
   * What is configured for one listener.
   *
   * @param host the address to bind
   * @param port the port to bind; 0 takes a free one
   * @param face what it is for
   * @param tls what its TLS handshakes need; empty for plain HTTP
   * @param trustedProxies which addresses are proxies whose word on the client counts
   */
  public record Listener(
      String host, int port, Face face, Optional<Tls> tls, Predicate<InetAddress> trustedProxies) {
    /** A listener of plain HTTP, without proxies before it. */
    public Listener(String host, int port, Face face) {
      this(host, port, face, Optional.empty(), NO_PROXIES);
    }
  }

  /**
   * What the TLS handshakes of a listener need; closed by its owner after the server.
   *
   * @param certificates those that clients are shown
   * @param clients who signs the certificates that clients must show; empty if they need none
   */
  public record Tls(ServerCertificates certificates, Optional<ClientAuthorities> clients) {}

  /**
   * What clients may do before they are refused or cut off; docs/bounds.md has all bounds.
   *
   * @param requestLine longest request line in bytes
   * @param headerBytes size of all headers together
   * @param headers how many headers a request may have
   * @param headDeadline time in which a request's head must arrive whole, and a body that is read
   *     only to be dropped
   * @param idle how long a connection may stay open between requests
   * @param connections connections at once; one more takes the place of another
   * @param connectionsPerAddress connections at once from one address or IPv6 network; many clients
   *     may stand behind one
   * @param slowestReader bytes a second a reader must take on average
   * @param patience time over which that average is taken
   */
  public record Limits(
      int requestLine,
      int headerBytes,
      int headers,
      Duration headDeadline,
      Duration idle,
      int connections,
      int connectionsPerAddress,
      long slowestReader,
      Duration patience) {

    /** The limits of a server on an open network. */
    public static final Limits DEFAULTS =
        new Limits(
            8 * 1024,
            16 * 1024,
            100,
            Duration.ofSeconds(10),
            Duration.ofSeconds(150),
            affordableConnections(),
            1_000,
            1024,
            Duration.ofMinutes(5));

    private static final int MOST_CONNECTIONS = 20_000;

    /** An idle connection has some 5 KB of the heap; all of them may have a quarter of it. */
    private static final long HEAP_PER_CONNECTION = 20L * 1024;

    /** Of blobs, the index, upstreams, and the JVM itself. */
    private static final long OTHER_DESCRIPTORS = 1_500;

    private static int affordableConnections() {
      long affordable =
          Math.min(MOST_CONNECTIONS, Runtime.getRuntime().maxMemory() / HEAP_PER_CONNECTION);
      if (ManagementFactory.getOperatingSystemMXBean()
          instanceof UnixOperatingSystemMXBean system) {
        long descriptors = system.getMaxFileDescriptorCount();
        affordable =
            Math.min(affordable, Math.max(descriptors / 4, descriptors - OTHER_DESCRIPTORS));
      }
      return (int) affordable;
    }
  }

  /** One event loop a core, everything else as documented. */
  public static ServerSettings of(Listener listener) {
    return new ServerSettings(
        listener,
        Runtime.getRuntime().availableProcessors(),
        true,
        Duration.ofSeconds(30),
        Limits.DEFAULTS);
  }
}
