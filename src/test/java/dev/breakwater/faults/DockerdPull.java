package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.fail;

import dev.breakwater.oci.Digest;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.TestImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Pulls as dockerd does, and repeats only what dockerd repeats: a body that ends short is taken up
 * by {@code Range}, at most five times; an error for a manifest or a blob ends the pull. Used by
 * one thread.
 */
final class DockerdPull {
  private static final int RESUMES = 5;
  private static final int PIECE = 64 * 1024;

  private final HttpClient http;
  private final URI mirror;
  private final String repository;

  DockerdPull(HttpClient http, URI mirror, String repository) {
    this.http = http;
    this.mirror = mirror;
    this.repository = repository;
  }

  /** Everything of it, whole; fails if anything is refused or wrong. */
  void whole(String tag, TestImage image) {
    manifests(tag, image);
    blobsOf(image).forEach(blob -> blob(blob, 0));
  }

  /** The manifests, and of each blob every second stretch, as lazy pullers read. */
  void byRanges(String tag, TestImage image) {
    manifests(tag, image);
    for (Content blob : blobsOf(image)) {
      for (long from = 0; from < blob.size(); from += 2L * PIECE) {
        range(blob, from, Math.min(blob.size(), from + PIECE) - 1);
      }
    }
  }

  /** Leaves each blob after some bytes, comes back and takes the rest. */
  void leftAndResumed(String tag, TestImage image) {
    manifests(tag, image);
    for (Content blob : blobsOf(image)) {
      int some = (int) (blob.size() / 3);
      byte[] first = leave(blob, some);
      compare(blob, first, 0);
      blob(blob, first.length);
    }
  }

  private void manifests(String tag, TestImage image) {
    manifest(tag, image.manifest());
    for (TestImage child : image.children()) {
      manifest(child.digest().toString(), child.manifest());
    }
  }

  private static Iterable<Content> blobsOf(TestImage image) {
    return image.children().isEmpty()
        ? image.blobs().values()
        : image.children().getFirst().blobs().values();
  }

  private void manifest(String reference, Content truth) {
    HttpResponse<byte[]> reply =
        send(
            request("manifests/" + reference)
                .header(
                    "Accept",
                    "application/vnd.docker.distribution.manifest.v2+json,"
                        + " application/vnd.oci.image.manifest.v1+json,"
                        + " application/vnd.oci.image.index.v1+json")
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    if (reply.statusCode() != 200) {
      fail(
          "manifest %s: %d %s",
          reference, reply.statusCode(), new String(reply.body(), StandardCharsets.UTF_8));
    }
    compare(truth, reply.body(), 0);
  }

  private void blob(Content truth, long from) {
    long here = from;
    for (int tries = 0; here < truth.size(); tries++) {
      if (tries > RESUMES) {
        fail("blob %s: ended short %d times", truth.digest(), tries);
      }
      byte[] more = read(truth, here, Integer.MAX_VALUE);
      compare(truth, more, here);
      here += more.length;
    }
  }

  private void range(Content truth, long first, long last) {
    long here = first;
    for (int tries = 0; here <= last; tries++) {
      if (tries > RESUMES) {
        fail("range of blob %s: ended short %d times", truth.digest(), tries);
      }
      byte[] more = read(truth.digest(), "bytes=" + here + "-" + last, 206, Integer.MAX_VALUE);
      compare(truth, more, here);
      here += more.length;
    }
  }

  private byte[] leave(Content truth, int after) {
    return read(truth, 0, after);
  }

  private byte[] read(Content truth, long from, int most) {
    return from == 0
        ? read(truth.digest(), "", 200, most)
        : read(truth.digest(), "bytes=" + from + "-", 206, most);
  }

  private byte[] read(Digest digest, String range, int expected, int most) {
    HttpRequest.Builder request = request("blobs/" + digest);
    if (!range.isEmpty()) {
      request.header("Range", range);
    }
    HttpResponse<InputStream> reply =
        send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (InputStream body = reply.body()) {
      byte[] buffer = new byte[16 * 1024];
      int read = 0;
      while (read >= 0 && bytes.size() < most) {
        read = body.read(buffer, 0, Math.min(buffer.length, most - bytes.size()));
        bytes.write(buffer, 0, Math.max(0, read));
      }
    } catch (IOException e) {
      // Ended short, as far as it came.
    }
    if (reply.statusCode() != expected) {
      fail("blob %s %s: %d %s", digest, range, reply.statusCode(), bytes);
    }
    return bytes.toByteArray();
  }

  private static void compare(Content truth, byte[] bytes, long from) {
    byte[] expected = Arrays.copyOfRange(truth.bytes(), (int) from, (int) from + bytes.length);
    if (!Arrays.equals(expected, bytes)) {
      fail("WRONG BYTES of %s from %d on", truth.digest(), from);
    }
  }

  private HttpRequest.Builder request(String what) {
    return HttpRequest.newBuilder(mirror.resolve("/v2/" + repository + "/" + what));
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body) {
    try {
      return http.send(request, body);
    } catch (IOException e) {
      throw new AssertionError("no answer to " + request.uri() + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
