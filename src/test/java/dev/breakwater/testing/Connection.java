package dev.breakwater.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection: pipelined requests in, answers out in their order.
 *
 * <p>Two virtual threads serve it. One reads all the time, so that the end of the client is seen
 * while an answer is held, and so that our own end finds nothing unread (Linux would turn its FIN
 * into a RST); after our end it waits for the client's. The other answers. A client that closes,
 * even if only its sending half, ends an answer that is held, delayed or throttled.
 */
final class Connection {
  /** Serves requests; called on the answering thread. */
  interface Service {
    /** Serves one request and says what becomes of the connection. */
    AnswerSender.Ending serve(IncomingRequest request, Connection connection) throws IOException;
  }

  private static final int PIPELINE = 64;

  private final int number;
  private final Socket plain;
  private final Socket socket;
  private final OutputStream out;
  private final AnswerSender sender;
  private final BlockingQueue<Optional<IncomingRequest>> requests =
      new ArrayBlockingQueue<>(PIPELINE);
  private final CompletableFuture<Void> gone = new CompletableFuture<>();
  private final Thread reader;
  private final Thread answerer;
  private volatile boolean finished;

  /** A connection over an accepted socket, with TLS unless that is null. */
  Connection(int number, Socket accepted, @Nullable ServerTls tls, Service service)
      throws IOException {
    this.number = number;
    this.plain = accepted;
    plain.setTcpNoDelay(true);
    this.socket = tls == null ? plain : tls.encrypt(plain);
    this.out = socket.getOutputStream();
    this.sender = new AnswerSender(this, out);
    this.reader = Thread.ofVirtual().name("faulty-reader-" + number).unstarted(this::read);
    this.answerer =
        Thread.ofVirtual().name("faulty-answerer-" + number).unstarted(() -> answer(service));
  }

  /** Begins, and ends with {@code afterwards}. */
  void start(Runnable afterwards) {
    reader.start();
    answerer.start();
    Thread.ofVirtual()
        .name("faulty-closer-" + number)
        .start(
            () -> {
              joinBoth();
              closeSocket();
              afterwards.run();
            });
  }

  /** Its number among all connections of the registry. */
  int number() {
    return number;
  }

  /** What sends its answers. */
  AnswerSender sender() {
    return sender;
  }

  /** Ends it at once; {@code afterwards} follows. */
  void close() {
    finish();
    gone.complete(null);
    closeSocket();
    reader.interrupt();
  }

  /** Stops for a time; false if the client went away meanwhile. */
  boolean pause(Duration time) {
    if (!time.isPositive()) {
      return true;
    }
    try {
      gone.get(time.toNanos(), TimeUnit.NANOSECONDS);
      return false;
    } catch (TimeoutException e) {
      return true;
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("the answering thread is never interrupted", e);
    }
  }

  /** Stops until the gate is open; false if the client went away first. */
  boolean hold(Gate gate) {
    CompletableFuture<Void> opened = gate.arrive();
    CompletableFuture.anyOf(opened, gone).join();
    return opened.isDone();
  }

  private void read() {
    try {
      RequestReader requestReader = new RequestReader(socket.getInputStream(), this::sendContinue);
      IncomingRequest request = requestReader.next();
      while (request != null && request.flaw().isEmpty()) {
        if (!finished) {
          requests.put(Optional.of(request));
        }
        request = requestReader.next();
      }
      if (request != null) {
        requests.put(Optional.of(request));
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      }
    } catch (IOException | UncheckedIOException e) {
      // The client broke off, or we did: either way there is no more to read.
      finish();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    while (!requests.offer(Optional.empty())) {
      // A full pipeline of a client that has gone: no client waits for the oldest answer.
      requests.poll();
    }
    gone.complete(null);
  }

  private void sendContinue() {
    try {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void answer(Service service) {
    try {
      while (true) {
        Optional<IncomingRequest> request = requests.take();
        if (request.isEmpty()) {
          return;
        }
        AnswerSender.Ending ending = service.serve(request.get(), this);
        if (ending != AnswerSender.Ending.KEEP) {
          end(ending);
          return;
        }
      }
    } catch (IOException e) {
      closeSocket();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // A mistake in a fault or in the fixture: seen on stderr, and the client does not hang.
      closeSocket();
      throw e;
    } finally {
      finish();
    }
  }

  private void end(AnswerSender.Ending ending) throws IOException {
    finish();
    switch (ending) {
      case KEEP -> throw new IllegalArgumentException("keeping is no end");
      case CLOSE -> {
        socket.shutdownOutput();
        endPlain();
      }
      case FIN -> endPlain();
      case RST -> {
        plain.setSoLinger(true, 0);
        plain.close();
      }
    }
  }

  private void endPlain() throws IOException {
    if (!plain.isOutputShutdown()) {
      plain.shutdownOutput();
    }
  }

  private void finish() {
    finished = true;
    // Only requests: the end marker may be there already, and the answering thread waits for it.
    requests.removeIf(Optional::isPresent);
  }

  private void closeSocket() {
    try {
      // The plain socket: closing the TLS one would wait for a lock that a stalled write holds.
      plain.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void joinBoth() {
    try {
      reader.join();
      answerer.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException("the closing thread is never interrupted", e);
    }
  }
}
