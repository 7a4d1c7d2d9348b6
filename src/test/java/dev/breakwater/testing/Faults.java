package dev.breakwater.testing;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** The faults there are, for static import. Byte numbers count the body of the answer at hand. */
public final class Faults {
  private Faults() {}

  private record Named(String name, Consumer<Answer> effect) implements Fault {
    @Override
    public void spoil(SeenRequest request, Answer answer) {
      effect.accept(answer);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Fault named(String name, Consumer<Answer> effect) {
    return new Named(name, effect);
  }

  /** No fault, for a script that lets a request pass. */
  public static Fault none() {
    return named("none", answer -> {});
  }

  /** That status with a short error in the registry's format in place of the body. */
  public static Fault status(int status) {
    String body = JsonText.error("UNKNOWN", "scripted status " + status);
    return named("status " + status, answer -> answer.refuse(status, body));
  }

  /** Docker Hub's 429, without {@code Retry-After}. */
  public static Fault tooManyRequests() {
    return named("429", answer -> answer.refuse(429, PullLimit.BODY));
  }

  /** Docker Hub's 429 with {@code Retry-After} in seconds. */
  public static Fault tooManyRequests(Duration retryAfter) {
    return tooManyRequests().and(header("Retry-After", String.valueOf(retryAfter.toSeconds())));
  }

  /** Another body; status and type stay. */
  public static Fault body(String text) {
    return named("body", answer -> answer.body(Content.of(text)));
  }

  /** Other bytes as body. */
  public static Fault body(Content content) {
    return named("body", answer -> answer.body(content));
  }

  /** Sets a header field. */
  public static Fault header(String name, String value) {
    return named(name + ": " + value, answer -> answer.header(name, value));
  }

  /** Adds a header field, so that there may be two of its name. */
  public static Fault addHeader(String name, String value) {
    return named("also " + name + ": " + value, answer -> answer.addHeader(name, value));
  }

  /** Leaves a header field out. */
  public static Fault withoutHeader(String name) {
    return named("no " + name, answer -> answer.withoutHeader(name));
  }

  /** Another {@code Content-Type}. */
  public static Fault contentType(String type) {
    return header("Content-Type", type);
  }

  /** Another {@code Docker-Content-Digest}. */
  public static Fault contentDigest(String digest) {
    return header("Docker-Content-Digest", digest);
  }

  /** A content encoding that was not asked for; the bytes stay as they are. */
  public static Fault contentEncoding(String encoding) {
    return header("Content-Encoding", encoding);
  }

  /** Waits before the head. */
  public static Fault delay(Duration time) {
    return named("delay " + time, answer -> answer.delay(time));
  }

  /** Holds the answer before its head until the gate opens. */
  public static Fault holdUntil(Gate gate) {
    return named("hold", answer -> answer.holdUntil(gate));
  }

  /** Holds the answer at byte n until the gate opens. */
  public static Fault holdAt(long n, Gate gate) {
    return named("hold at " + n, answer -> answer.holdAt(n, gate));
  }

  /** Never answers, but keeps the connection until the client closes it. */
  public static Fault stallBeforeHead() {
    return named("stall", answer -> answer.holdUntil(new Gate()));
  }

  /** Sends n bytes and never another one, but keeps the connection until the client closes it. */
  public static Fault stallAt(long n) {
    return named("stall at " + n, answer -> answer.holdAt(n, new Gate()));
  }

  /** Breaks the connection off after n bytes. */
  public static Fault cutAt(long n, Cut how) {
    return named(how + " at " + n, answer -> answer.cutAt(n, how));
  }

  /** Breaks the connection off without any answer. */
  public static Fault hangUp(Cut how) {
    return named(how + " before head", answer -> answer.hangUp(how));
  }

  /** Bytes per second, for the connection. */
  public static Fault rate(long bytesPerSecond) {
    return named("rate " + bytesPerSecond, answer -> answer.rate(bytesPerSecond));
  }

  /** A few bytes at a time with pauses between. */
  public static Fault drip(int bytes, Duration pause) {
    return named("drip " + bytes + "/" + pause, answer -> answer.drip(bytes, pause));
  }

  /** One wrong byte, at n. */
  public static Fault wrongByteAt(long n) {
    return wrongBytesAt(n, 1);
  }

  /** Some wrong bytes from n on. */
  public static Fault wrongBytesAt(long n, int count) {
    return named("wrong at " + n, answer -> answer.wrongBytes(n, count));
  }

  /** A {@code Content-Length} that is not true. */
  public static Fault contentLength(long length) {
    return named("Content-Length: " + length, answer -> answer.declaredLength(length));
  }

  /** No length: the body ends with the connection. */
  public static Fault noContentLength() {
    return named("no length", Answer::withoutLength);
  }

  /** No length, but chunks. */
  public static Fault chunked() {
    return named("chunked", Answer::chunked);
  }

  /** A body that ends early and says so in its length: complete-looking and too short. */
  public static Fault truncatedTo(long n) {
    return named("truncated to " + n, answer -> answer.truncatedTo(n));
  }

  /** Bytes after the announced end. */
  public static Fault extraBytes(long count) {
    return named("extra " + count, answer -> answer.extraBytes(count));
  }

  /** A body without length that never ends. */
  public static Fault endlessBody() {
    return named("endless", Answer::endless);
  }

  /** The whole content with 200, though a range was asked for. */
  public static Fault ignoreRange() {
    return named("range ignored", Answer::whole);
  }

  /** A {@code Content-Range} of one's own; the bytes are those asked for. */
  public static Fault contentRange(String value) {
    return header("Content-Range", value);
  }

  /** 307 to that address. */
  public static Fault redirectTo(String url) {
    return redirectTo(307, url);
  }

  /** A redirect to that address. */
  public static Fault redirectTo(int status, String url) {
    return named("redirect", answer -> answer.redirect(status, url));
  }

  /** Redirects to the very same path again and again, with a number in the query that counts up. */
  public static Fault redirectLoop() {
    AtomicLong hops = new AtomicLong();
    return new Fault() {
      @Override
      public void spoil(SeenRequest request, Answer answer) {
        answer.redirect(307, request.path() + "?hop=" + hops.incrementAndGet());
      }

      @Override
      public String toString() {
        return "redirect loop";
      }
    };
  }

  /** 401 with that {@code WWW-Authenticate}. */
  public static Fault challenge(String challenge) {
    return named(
        "challenge",
        answer ->
            answer
                .refuse(401, JsonText.error("UNAUTHORIZED", "authentication required"))
                .header("WWW-Authenticate", challenge));
  }

  /** 401 with a Bearer challenge that sends clients to that realm. */
  public static Fault realm(String realm) {
    return challenge("Bearer realm=\"" + realm + "\",service=\"" + FaultyRegistry.SERVICE + "\"");
  }

  /** A captive portal's page: 200, HTML. */
  public static Fault htmlPage() {
    return named(
        "html",
        answer ->
            answer
                .status(200)
                .withoutHeader("Docker-Content-Digest")
                .withoutHeader("ETag")
                .withoutHeader("Location")
                .withoutHeader("Content-Range")
                .header("Content-Type", "text/html; charset=utf-8")
                .body(Content.of("<!doctype html><title>Sign in</title><p>Please sign in.")));
  }

  /** These bytes and nothing else, then a close. */
  public static Fault rawAnswer(byte[] bytes) {
    return named("raw", answer -> answer.raw(bytes));
  }

  /** This Latin-1 text and nothing else, then a close. */
  public static Fault rawAnswer(String text) {
    return rawAnswer(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /**
   * A different fault each time, drawn for the answer at hand; end it with {@code times(n)}. Print
   * the seed, and the transcript names what was drawn.
   */
  public static RandomFaults random(long seed) {
    return new RandomFaults(new Random(seed));
  }

  /** As {@link #random(long)}, from a generator of one's own. */
  public static RandomFaults random(Random random) {
    return new RandomFaults(random);
  }
}
