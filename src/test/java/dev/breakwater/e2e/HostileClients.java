package dev.breakwater.e2e;

import dev.breakwater.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Clients that use a mirror up: from many addresses of 127.1.0.0/16, with many connections. What is
 * begun goes on until it is closed.
 */
public final class HostileClients implements AutoCloseable {
  /** Requests at once of those that are sent at a rate; more are left out. */
  private static final int AT_ONCE = 2_000;

  /** How long after its end a connection that is held is made anew, on average. */
  private static final int REOPEN_MILLIS = 10_000;

  private static final int TICKS_PER_SECOND = 50;
  private static final int PATIENCE_MILLIS = 60_000;
  private static final String HOST = "\r\nHost: mirror\r\n";

  private final URI mirror;
  private final int addresses;
  private final AtomicInteger nextAddress = new AtomicInteger();
  private final AtomicLong nextName = new AtomicLong();
  private final long seed;
  private final LongAdder requests = new LongAdder();
  private final LongAdder names = new LongAdder();
  private final AtomicInteger held = new AtomicInteger();
  private final AtomicInteger slow = new AtomicInteger();
  private final Semaphore places = new Semaphore(AT_ONCE);
  private final List<Thread> begun = new ArrayList<>();
  private volatile boolean over;

  /**
   * Does nothing yet.
   *
   * @param addresses how many addresses the clients have together, at most 65,000
   */
  public HostileClients(URI mirror, int addresses, long seed) {
    this.mirror = mirror;
    this.addresses = addresses;
    this.seed = seed;
  }

  /** Keeps so many connections open on which one request was answered, and no other follows. */
  public HostileClients hold(int connections) {
    for (int i = 0; i < connections; i++) {
      forEver(this::holdOne);
    }
    return this;
  }

  /** Reads so many answers at a byte a second. */
  public HostileClients readSlowly(int connections, Supplier<String> path) {
    for (int i = 0; i < connections; i++) {
      forEver(() -> readOneSlowly(path.get()));
    }
    return this;
  }

  /** Asks for so many repositories a second that do not exist, each another one. */
  public HostileClients guess(int perSecond) {
    return atRate(
        perSecond,
        () -> {
          String name = "x" + seed + "-" + nextName.incrementAndGet();
          if (ask("/v2/library/" + name + "/manifests/latest", "", true)) {
            names.increment();
          }
        });
  }

  /** Asks for something so many times a second and leaves when the first byte has come. */
  public HostileClients leave(int perSecond, Supplier<String> path) {
    return atRate(perSecond, () -> ask(path.get(), "", false));
  }

  /** Sends so many odd requests a second about a repository that exists. */
  public HostileClients pester(int perSecond, String repository) {
    String base = "/v2/" + repository;
    AtomicLong number = new AtomicLong(seed);
    return atRate(
        perSecond,
        () -> {
          long odd = number.incrementAndGet();
          switch ((int) Long.remainderUnsigned(odd, 4)) {
            case 0 -> ask(base + "/blobs/" + digest(odd), "", true);
            case 1 -> ask(base + "/referrers/" + digest(odd) + "?artifactType=x" + odd, "", true);
            case 2 -> ask(base + "/tags/list?n=1&last=x" + odd, "", true);
            default -> ask("/v2/", "User-Agent: " + "a".repeat(30_000) + "\r\n", true);
          }
        });
  }

  /** Requests that were sent, without those of connections that are held. */
  public long requests() {
    return requests.sum();
  }

  /** Distinct names that were asked for and answered in whatever way. */
  public long names() {
    return names.sum();
  }

  /** Connections that are open now and held. */
  public int held() {
    return held.get();
  }

  /** Answers that are read slowly now. */
  public int slow() {
    return slow.get();
  }

  /** All leave at once; waits until they have. */
  @Override
  public void close() {
    over = true;
    begun.forEach(Thread::interrupt);
    places.acquireUninterruptibly(AT_ONCE);
    try {
      for (Thread each : begun) {
        each.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private interface Deed {
    void run() throws IOException, InterruptedException;
  }

  private void forEver(Deed deed) {
    begun.add(
        Thread.startVirtualThread(
            () -> {
              Random random = new Random();
              while (!over) {
                try {
                  deed.run();
                } catch (IOException e) {
                  // Refused or cut off, as it should be; the next try follows.
                } catch (InterruptedException e) {
                  return;
                }
                try {
                  TimeUnit.MILLISECONDS.sleep(REOPEN_MILLIS / 2 + random.nextInt(REOPEN_MILLIS));
                } catch (InterruptedException e) {
                  return;
                }
              }
            }));
  }

  private HostileClients atRate(int perSecond, Deed deed) {
    begun.add(
        Thread.startVirtualThread(
            () -> {
              long start = System.nanoTime();
              long sent = 0;
              while (!over) {
                long due = (System.nanoTime() - start) * perSecond / 1_000_000_000L;
                for (; sent < due; sent++) {
                  once(deed);
                }
                try {
                  TimeUnit.MILLISECONDS.sleep(1_000 / TICKS_PER_SECOND);
                } catch (InterruptedException e) {
                  return;
                }
              }
            }));
    return this;
  }

  private void once(Deed deed) {
    if (!places.tryAcquire()) {
      return;
    }
    Thread.startVirtualThread(
        () -> {
          try {
            deed.run();
          } catch (IOException e) {
            // Refused or cut off, as it should be.
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            places.release();
          }
        });
  }

  private void holdOne() throws IOException {
    try (Socket socket = open()) {
      send(socket, "GET /v2/ HTTP/1.1" + HOST + "\r\n");
      InputStream in = socket.getInputStream();
      if (in.read() >= 0) {
        held.incrementAndGet();
        try {
          in.transferTo(OutputStream.nullOutputStream());
        } finally {
          held.decrementAndGet();
        }
      }
    }
  }

  private void readOneSlowly(String path) throws IOException, InterruptedException {
    try (Socket socket = open()) {
      requests.increment();
      send(socket, "GET " + path + " HTTP/1.1" + HOST + "Connection: close\r\n\r\n");
      InputStream in = socket.getInputStream();
      slow.incrementAndGet();
      try {
        while (!over && in.read() >= 0) {
          TimeUnit.SECONDS.sleep(1);
        }
      } finally {
        slow.decrementAndGet();
      }
    }
  }

  private boolean ask(String path, String headers, boolean reads) throws IOException {
    try (Socket socket = open()) {
      requests.increment();
      socket.setSoTimeout(PATIENCE_MILLIS);
      send(socket, "GET " + path + " HTTP/1.1" + HOST + "Connection: close\r\n" + headers + "\r\n");
      InputStream in = socket.getInputStream();
      boolean answered = in.read() >= 0;
      if (reads) {
        in.transferTo(OutputStream.nullOutputStream());
      }
      return answered;
    }
  }

  private Socket open() throws IOException {
    int address = nextAddress.getAndIncrement() % addresses + 1;
    Socket socket = new Socket();
    // A client that takes little; the kernel doubles it.
    socket.setReceiveBufferSize(4 * 1024);
    socket.bind(
        new InetSocketAddress(
            InetAddress.getByAddress(
                new byte[] {127, 1, (byte) (address / 250), (byte) (address % 250 + 1)}),
            0));
    socket.connect(new InetSocketAddress(mirror.getHost(), mirror.getPort()), PATIENCE_MILLIS);
    return socket;
  }

  private static void send(Socket socket, String request) throws IOException {
    socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static Digest digest(long of) {
    return Digest.ofSha256(ByteBuffer.allocate(Long.BYTES).putLong(of).array());
  }
}
