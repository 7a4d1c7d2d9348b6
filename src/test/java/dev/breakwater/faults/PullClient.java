package dev.breakwater.faults;

import dev.breakwater.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A registry client that looks closely at what it gets. Safe for all threads. */
final class PullClient implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;
  private static final String ACCEPT =
      "application/vnd.docker.distribution.manifest.v2+json,"
          + " application/vnd.docker.distribution.manifest.list.v2+json,"
          + " application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";

  private final HttpClient http;
  private final URI mirror;

  PullClient(URI mirror) {
    this(mirror, InetAddress.getLoopbackAddress());
  }

  /** One that has that address, of this machine. */
  PullClient(URI mirror, InetAddress address) {
    this.mirror = mirror;
    this.http =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).localAddress(address).build();
  }

  /** A manifest by tag or digest. */
  Reply manifest(String repository, Object reference) {
    return await(send(manifestRequest(repository, reference).GET(), () -> {}));
  }

  /** What a manifest would be. */
  Reply manifestHead(String repository, Object reference) {
    return await(send(manifestRequest(repository, reference).HEAD(), () -> {}));
  }

  /** Whatever is at that path. */
  Reply get(String path) {
    return await(send(request(path), () -> {}));
  }

  /** Whatever would be at that path. */
  Reply head(String path) {
    return await(send(request(path).HEAD(), () -> {}));
  }

  /** A whole blob. */
  Reply blob(String repository, Digest digest) {
    return await(startBlob(repository, digest, () -> {}));
  }

  /** A blob from an offset on, which is how containerd takes up a body that ended short. */
  Reply blob(String repository, Digest digest, long from) {
    return await(
        send(blobRequest(repository, digest).header("Range", "bytes=" + from + "-"), () -> {}));
  }

  /** Begins to fetch a whole blob; {@code firstBytes} runs when some of it is here. */
  CompletableFuture<Reply> startBlob(String repository, Digest digest, Runnable firstBytes) {
    return send(blobRequest(repository, digest), firstBytes);
  }

  /** The reply, which must come. */
  static Reply await(CompletableFuture<Reply> reply) {
    try {
      return reply.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("the mirror kept a client waiting", e);
    } catch (ExecutionException e) {
      throw new AssertionError("the client failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private HttpRequest.Builder manifestRequest(String repository, Object reference) {
    return request("/v2/" + repository + "/manifests/" + reference).header("Accept", ACCEPT);
  }

  private HttpRequest.Builder blobRequest(String repository, Digest digest) {
    return request("/v2/" + repository + "/blobs/" + digest);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(mirror.resolve(path));
  }

  private CompletableFuture<Reply> send(HttpRequest.Builder request, Runnable firstBytes) {
    return http.sendAsync(request.build(), head -> new Reader(head, firstBytes))
        .thenApply(HttpResponse::body)
        .exceptionally(
            failure -> {
              Throwable cause =
                  failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
              if (cause instanceof IOException) {
                return Reply.none();
              }
              throw new CompletionException(cause);
            });
  }

  @Override
  public void close() {
    http.shutdownNow();
    http.close();
  }

  /** Keeps what came of a body that ends short, which the ready-made readers throw away. */
  private static final class Reader implements HttpResponse.BodySubscriber<Reply> {
    private final HttpResponse.ResponseInfo head;
    private final Runnable firstBytes;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CompletableFuture<Reply> reply = new CompletableFuture<>();

    Reader(HttpResponse.ResponseInfo head, Runnable firstBytes) {
      this.head = head;
      this.firstBytes = firstBytes;
    }

    @Override
    public CompletionStage<Reply> getBody() {
      return reply;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> pieces) {
      boolean first = bytes.size() == 0;
      for (ByteBuffer piece : pieces) {
        byte[] copy = new byte[piece.remaining()];
        piece.get(copy);
        bytes.writeBytes(copy);
      }
      if (first && bytes.size() > 0) {
        firstBytes.run();
      }
    }

    @Override
    public void onError(Throwable failure) {
      end(false);
    }

    @Override
    public void onComplete() {
      end(true);
    }

    private void end(boolean whole) {
      reply.complete(
          new Reply(head.statusCode(), head.headers().map(), bytes.toByteArray(), whole));
    }
  }
}
