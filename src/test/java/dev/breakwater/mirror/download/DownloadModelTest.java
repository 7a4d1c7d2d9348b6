package dev.breakwater.mirror.download;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.mirror.Regions;
import dev.breakwater.mirror.ScriptedTransfer;
import dev.breakwater.oci.Digest;
import dev.breakwater.testing.Eventually;
import dev.breakwater.upstream.BlobTransfer;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/**
 * One live download on a real disk, under an upstream, clients and a disk that do anything in any
 * order, and then behave.
 */
class DownloadModelTest {
  private static final int SIZE = 1500;

  /** What upstream, clients and the disk may do. */
  enum Step {
    ANSWER,
    ANSWER_ANOTHER_SIZE,
    SEND,
    SEND_WRONG_BYTES,
    END,
    CUT,
    REFUSE,
    FOLLOW,
    READ,
    LEAVE,
    FILL_DISK,
    STOP
  }

  private static final AtomicLong RUNS = new AtomicLong();

  private Path data;
  private DownloadFixture fixture;

  @BeforeProperty
  void start() throws IOException {
    data = Files.createTempDirectory("download-model");
    fixture = new DownloadFixture(data);
  }

  @AfterProperty
  void stop() throws Exception {
    fixture.close();
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Provide
  Arbitrary<List<Step>> histories() {
    return Arbitraries.frequency(
            Tuple.of(8, Step.ANSWER),
            Tuple.of(1, Step.ANSWER_ANOTHER_SIZE),
            Tuple.of(12, Step.SEND),
            Tuple.of(1, Step.SEND_WRONG_BYTES),
            Tuple.of(3, Step.END),
            Tuple.of(2, Step.CUT),
            Tuple.of(1, Step.REFUSE),
            Tuple.of(5, Step.FOLLOW),
            Tuple.of(8, Step.READ),
            Tuple.of(3, Step.LEAVE),
            Tuple.of(1, Step.FILL_DISK),
            Tuple.of(1, Step.STOP))
        .list()
        .ofMaxSize(40);
  }

  @Property(tries = 150, shrinking = ShrinkingMode.OFF)
  void whateverHappensItEndsAndNoAnswerIsCompleteAndWrong(
      @ForAll("histories") List<Step> history, @ForAll long seed, @ForAll boolean indexFails)
      throws Exception {
    Run run = new Run(fixture, new Random(seed), indexFails);
    try {
      for (Step step : history) {
        run.take(step);
      }
      run.behave();
      run.assertEnded();
    } finally {
      fixture.room.set(Long.MAX_VALUE / 4);
    }
  }

  /** One download and all who have to do with it. Steps are taken on the download's context. */
  private static final class Run {
    private final DownloadFixture fixture;
    private final Random random;
    private final boolean indexFails;
    private final byte[] content = new byte[SIZE];
    private final Digest digest;
    private final DownloadParts parts;
    private final Context context;
    private final List<Sending> sendings = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final List<Long> published = new ArrayList<>();
    private final Download download;
    private boolean behaving;

    Run(DownloadFixture fixture, Random random, boolean indexFails) throws Exception {
      this.fixture = fixture;
      this.random = random;
      this.indexFails = indexFails;
      random.nextBytes(content);
      // Seeds come twice, blobs of earlier runs are still in the store.
      ByteBuffer.wrap(content).putLong(RUNS.incrementAndGet());
      this.digest = Digest.ofSha256(content);
      this.parts =
          fixture.parts(
              digest, new ScriptedSource(this::open), new DownloadFixture.Owner(this::publish));
      this.context = fixture.vertx.getOrCreateContext();
      this.download = onContext(() -> new Download(parts, random.nextBoolean() ? SIZE : -1));
      follow();
      onContext(
          () -> {
            download.begin();
            return download;
          });
    }

    private <T> T onContext(Callable<T> work) throws Exception {
      Promise<T> done = Promise.promise();
      context.runOnContext(
          ignored -> {
            try {
              done.complete(work.call());
            } catch (Exception e) {
              done.fail(e);
            }
          });
      return done.future().await(10, SECONDS);
    }

    private Future<Void> publish(long size) {
      published.add(size);
      return indexFails ? Future.failedFuture("scripted: read-only") : Future.succeededFuture();
    }

    private Future<BlobTransfer> open(Digest asked, long first, OptionalLong last) {
      Sending sending = new Sending(new ScriptedTransfer(context, asked, first, last), first, last);
      sendings.add(sending);
      if (behaving) {
        sending.bringAll();
      }
      return sending.transfer.head();
    }

    void take(Step step) throws Exception {
      onContext(
          () -> {
            switch (step) {
              case ANSWER -> one(sending -> sending.answer(SIZE));
              case ANSWER_ANOTHER_SIZE -> one(sending -> sending.answer(SIZE + 10));
              case SEND -> one(sending -> sending.send(1 + random.nextInt(400), false));
              case SEND_WRONG_BYTES -> one(sending -> sending.send(1 + random.nextInt(400), true));
              case END -> one(Sending::finish);
              case CUT -> one(sending -> sending.cut(UpstreamOutcome.CONNECT));
              case REFUSE -> one(sending -> sending.cut(UpstreamOutcome.REFUSED));
              case FOLLOW -> follow();
              case READ -> client().ifPresent(client -> client.read(1 + random.nextInt(500)));
              case LEAVE -> client().ifPresent(Client::leave);
              case FILL_DISK -> fixture.room.set(0);
              case STOP -> download.stop();
            }
            return step;
          });
    }

    private void one(Consumer<Sending> step) {
      List<Sending> open = sendings.stream().filter(sending -> !sending.over).toList();
      if (!open.isEmpty()) {
        step.accept(open.get(random.nextInt(open.size())));
      }
    }

    private void follow() {
      download.follow(Optional.empty()).ifPresent(one -> clients.add(new Client(one)));
    }

    private Optional<Client> client() {
      List<Client> here = clients.stream().filter(client -> !client.left).toList();
      return here.isEmpty() ? Optional.empty() : Optional.of(here.get(random.nextInt(here.size())));
    }

    /** From now on upstream brings everything, and clients read to their ends. */
    void behave() throws Exception {
      onContext(
          () -> {
            behaving = true;
            List.copyOf(sendings).forEach(sending -> sending.cut(UpstreamOutcome.CONNECT));
            clients.forEach(Client::readOn);
            return behaving;
          });
      for (Client client : List.copyOf(clients)) {
        client.done.future().otherwiseEmpty().await(20, SECONDS);
      }
      onContext(
          () -> {
            clients.forEach(Client::leave);
            return clients;
          });
      download.ended().otherwiseEmpty().await(20, SECONDS);
    }

    void assertEnded() throws IOException {
      assertThat(download.isOver()).isTrue();
      boolean stored = fixture.store.contains(digest);
      if (download.ended().succeeded()) {
        assertThat(indexFails).isFalse();
        assertThat(published).containsExactly((long) SIZE);
        assertThat(stored).isTrue();
      } else {
        assertThat(stored).as("stored, though the index failed").isEqualTo(!published.isEmpty());
        assertThat(published).hasSizeLessThanOrEqualTo(indexFails ? 1 : 0);
      }
      if (stored) {
        assertThat(blob()).hasBinaryContent(content);
      }
      clients.forEach(Client::assertRight);
      assertThat(parts.memory().bytes()).isZero();
      Eventually.until(
          "the budget counts what is on the disk",
          () -> fixture.budget.content() == fixture.store.volume().contentBytes());
    }

    private Path blob() {
      return fixture.data.resolve(
          "blobs/sha256/" + digest.hex().substring(0, 2) + "/" + digest.hex());
    }

    /** A transfer and what it has sent. */
    private final class Sending {
      private final ScriptedTransfer transfer;
      private final OptionalLong last;
      private long at;
      private boolean answered;
      private boolean over;

      Sending(ScriptedTransfer transfer, long first, OptionalLong last) {
        this.transfer = transfer;
        this.at = first;
        this.last = last;
      }

      void answer(long size) {
        if (!answered) {
          answered = true;
          transfer.answer(size);
        }
      }

      void send(int bytes, boolean wrong) {
        long end = last.isPresent() ? Math.min(SIZE, last.getAsLong() + 1) : SIZE;
        long to = Math.min(end, at + bytes);
        if (answered && to > at) {
          byte[] piece = Arrays.copyOfRange(content, (int) at, (int) to);
          piece[0] ^= (byte) (wrong ? 1 : 0);
          transfer.send(piece);
          at = to;
        }
      }

      void finish() {
        if (answered) {
          over = true;
          transfer.end();
        }
      }

      void cut(UpstreamOutcome outcome) {
        if (!over) {
          over = true;
          if (answered) {
            transfer.breakOff();
          } else {
            transfer.refuse(outcome);
          }
        }
      }

      void bringAll() {
        answer(SIZE);
        send(SIZE, false);
        finish();
      }
    }

    /** A client that is told a size and reads so far. */
    private final class Client {
      private final Follower follower;
      private final Promise<Void> done = Promise.promise();
      private final Buffer read = Buffer.buffer();
      private long size = -1;
      private boolean waits;
      private boolean readsOn;
      private boolean left;

      Client(Follower follower) {
        this.follower = follower;
        download
            .opened()
            .onSuccess(
                told ->
                    context.runOnContext(
                        ignored -> {
                          size = told;
                          readOnIfWished();
                        }))
            .onFailure(done::tryFail);
      }

      void readOn() {
        readsOn = true;
        readOnIfWished();
      }

      private void readOnIfWished() {
        if (readsOn) {
          read(SIZE);
        }
      }

      void read(int most) {
        if (size < 0 || waits || left || done.future().isComplete()) {
          return;
        }
        if (read.length() == size) {
          done.tryComplete();
          return;
        }
        waits = true;
        follower
            .next(read.length(), Math.min(size, read.length() + most))
            .onComplete(
                region ->
                    context.runOnContext(
                        ignored -> {
                          waits = false;
                          if (region.failed()) {
                            done.tryFail(region.cause());
                          } else if (!left) {
                            read.appendBuffer(Regions.bytes(region.result()));
                            readOnIfWished();
                          }
                        }));
      }

      void leave() {
        if (!left) {
          left = true;
          follower.close();
          done.tryFail("left");
        }
      }

      void assertRight() {
        if (read.length() == size) {
          assertThat(read.getBytes()).as("a whole answer").isEqualTo(content);
        }
      }
    }
  }
}
