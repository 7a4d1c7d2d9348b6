package dev.breakwater.testing;

import dev.breakwater.oci.ByteRange;
import dev.breakwater.oci.Digest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * An answer about to be given: first what a healthy registry would say, then changed by {@link
 * Fault}s, then sent. Offsets count the bytes of this answer's body, from 0, wherever the body
 * begins in the blob. Used by one thread.
 */
public final class Answer {
  /** How the end of the body is told. */
  enum Framing {
    /** By Content-Length. */
    LENGTH,
    /** By Transfer-Encoding: chunked. */
    CHUNKED,
    /** By the end of the connection. */
    CLOSE
  }

  /** Something that happens when so many bytes of the body are sent. */
  record Incident(long at, @Nullable Gate hold, @Nullable Cut cut) {}

  private final List<Incident> incidents = new ArrayList<>();
  private final List<ByteRange> wrongBytes = new ArrayList<>();
  private int status;
  private Headers headers = Headers.NONE;
  private Content content;
  private long offset;
  private long length;
  private long extraBytes;
  private Framing framing = Framing.LENGTH;
  private OptionalLong declaredLength = OptionalLong.empty();
  private Optional<Digest> digest = Optional.empty();
  private Duration delay = Duration.ZERO;
  private @Nullable Gate gate;
  private long rate;
  private int dripBytes;
  private Duration dripInterval = Duration.ZERO;
  private byte @Nullable [] raw;
  private boolean closes;
  private @Nullable Cut hangUp;

  Answer(int status, Content content) {
    this.status = status;
    this.content = content;
    this.length = content.size();
  }

  /** An answer with a body of text. */
  static Answer of(int status, String contentType, String body) {
    return new Answer(status, Content.of(body)).header("Content-Type", contentType);
  }

  /** An error in the registry's format. */
  static Answer error(int status, String code, String message) {
    return of(status, "application/json", JsonText.error(code, message));
  }

  /** An answer that serves stored content, all of it. */
  static Answer stored(Content content, String contentType) {
    Answer answer = new Answer(200, content);
    answer.digest = Optional.of(content.digest());
    return answer
        .header("Content-Type", contentType)
        .header("Docker-Content-Digest", content.digest().toString())
        .header("ETag", "\"" + content.digest() + "\"");
  }

  // What faults may do.

  /** Another status; headers and body stay. */
  public Answer status(int value) {
    status = value;
    return this;
  }

  /** Sets a header field, in place of others of that name. */
  public Answer header(String name, String value) {
    headers = headers.with(name, value);
    return this;
  }

  /** Adds a header field beside others of that name. */
  public Answer addHeader(String name, String value) {
    headers = headers.plus(name, value);
    return this;
  }

  /** Leaves a header field out. */
  public Answer withoutHeader(String name) {
    headers = headers.without(name);
    return this;
  }

  /** Another body. */
  public Answer body(Content value) {
    content = value;
    offset = 0;
    length = value.size();
    digest = Optional.empty();
    return this;
  }

  /** The whole content with status 200, whatever range was asked for. */
  public Answer whole() {
    if (status == 206 || status == 416) {
      status = 200;
      offset = 0;
      length = content.size();
      withoutHeader("Content-Range");
    }
    return this;
  }

  /** An error in place of everything. */
  Answer refuse(int value, String json) {
    for (String name : List.of("Docker-Content-Digest", "ETag", "Location", "Content-Range")) {
      withoutHeader(name);
    }
    return status(value).header("Content-Type", "application/json").body(Content.of(json));
  }

  /** A redirect in place of everything. */
  Answer redirect(int value, String url) {
    return refuse(value, "").header("Location", url);
  }

  /** A part of the content with status 206. */
  Answer part(ByteRange range) {
    status = 206;
    offset = range.first();
    length = range.length();
    return header("Content-Range", range.contentRange(content.size()));
  }

  /** Ends the body after so many bytes, with a Content-Length that says so too. */
  public Answer truncatedTo(long bytes) {
    length = Math.min(length, bytes);
    return this;
  }

  /** More bytes after the body; Content-Length does not count them. */
  public Answer extraBytes(long bytes) {
    extraBytes = bytes;
    return this;
  }

  /** A body of random bytes that never ends. */
  public Answer endless() {
    framing = Framing.CLOSE;
    return body(Content.generated(0, Long.MAX_VALUE));
  }

  /** A Content-Length that need not be true; the connection is closed after the body. */
  public Answer declaredLength(long bytes) {
    declaredLength = OptionalLong.of(bytes);
    closes = true;
    return this;
  }

  /** Ends the body by closing the connection. */
  public Answer withoutLength() {
    framing = Framing.CLOSE;
    return this;
  }

  /** Sends the body in chunks, without a length. */
  public Answer chunked() {
    framing = Framing.CHUNKED;
    return this;
  }

  /** Turns over the bits of some bytes. */
  public Answer wrongBytes(long at, int count) {
    wrongBytes.add(new ByteRange(at, at + count - 1));
    return this;
  }

  /** Waits before the head. */
  public Answer delay(Duration time) {
    delay = time;
    return this;
  }

  /** Holds the answer before its head. */
  public Answer holdUntil(Gate holding) {
    gate = holding;
    return this;
  }

  /** Holds the answer when so many bytes of its body are sent; not if it is shorter. */
  public Answer holdAt(long bytes, Gate holding) {
    return incident(new Incident(bytes, holding, null));
  }

  /** Breaks off when so many bytes of the body are sent; not if it is shorter. */
  public Answer cutAt(long bytes, Cut how) {
    return incident(new Incident(bytes, null, how));
  }

  private Answer incident(Incident incident) {
    incidents.add(incident);
    // Stable, so that a hold and a cut at the same byte come in the order they were given in.
    incidents.sort(Comparator.comparingLong(Incident::at));
    return this;
  }

  /** Breaks off instead of answering. */
  public Answer hangUp(Cut how) {
    hangUp = how;
    return this;
  }

  /** Limits the connection to so many bytes a second. */
  public Answer rate(long bytesPerSecond) {
    rate = bytesPerSecond;
    return this;
  }

  /** Sends so many bytes, then pauses, and so on. */
  public Answer drip(int bytes, Duration pause) {
    dripBytes = bytes;
    dripInterval = pause;
    return this;
  }

  /** Sends these bytes and nothing else, then closes. */
  public Answer raw(byte[] bytes) {
    raw = bytes.clone();
    return this;
  }

  // What they may look at, and what is sent.

  /** The status. */
  public int status() {
    return status;
  }

  /** The header fields, without those that tell the body's length. */
  public Headers headers() {
    return headers;
  }

  /** How long the body is. */
  public long length() {
    return length;
  }

  boolean isChallenge() {
    return status == 401;
  }

  Optional<Digest> digest() {
    return digest;
  }

  Content content() {
    return content;
  }

  long offset() {
    return offset;
  }

  long totalBytes() {
    return length + extraBytes;
  }

  long announcedLength() {
    return declaredLength.orElse(length);
  }

  Framing framing() {
    return framing;
  }

  boolean closesAfterwards() {
    return closes || extraBytes > 0 || framing == Framing.CLOSE;
  }

  Duration delay() {
    return delay;
  }

  @Nullable Gate gate() {
    return gate;
  }

  List<Incident> incidents() {
    return incidents;
  }

  List<ByteRange> wrongRanges() {
    return wrongBytes;
  }

  long rate() {
    return rate;
  }

  int dripBytes() {
    return dripBytes;
  }

  Duration dripInterval() {
    return dripInterval;
  }

  byte @Nullable [] raw() {
    return raw;
  }

  @Nullable Cut hangUp() {
    return hangUp;
  }
}
