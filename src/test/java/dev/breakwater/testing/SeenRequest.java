package dev.breakwater.testing;

import dev.breakwater.oci.ContentKind;
import java.util.Optional;

/**
 * A request that came in and what a healthy registry would have answered.
 *
 * @param sequence counts all requests of a {@link FaultyRegistry}, from 1
 * @param connection the number of the connection it came on
 * @param listener who got it
 * @param kind what it is about; pings, pushes and nonsense are {@code OTHER}
 * @param repository the repository, or empty text
 * @param reference tag or digest, or empty text
 * @param method as written, or in parentheses what is wrong with something that is no request
 * @param path the target up to the question mark, not decoded
 * @param query the target after it, not decoded
 * @param headers its fields
 * @param body its body as Latin-1 text
 * @param plannedStatus the status before any fault
 * @param challenged whether it was to be refused for want of credentials
 * @param fault what was scripted for it, or empty text
 */
public record SeenRequest(
    int sequence,
    int connection,
    Listener listener,
    ContentKind kind,
    String repository,
    String reference,
    String method,
    String path,
    String query,
    Headers headers,
    String body,
    int plannedStatus,
    boolean challenged,
    String fault) {

  /** The {@code Range} asked for. */
  public Optional<String> range() {
    return headers.first("Range");
  }

  /** The {@code Authorization} sent. */
  public Optional<String> authorization() {
    return headers.first("Authorization");
  }

  /** Whether the text stands anywhere in it: target, headers or body. */
  public boolean contains(String text) {
    return path.contains(text)
        || query.contains(text)
        || headers.toString().contains(text)
        || body.contains(text);
  }

  /** This request with the fault that was chosen for it. */
  SeenRequest spoiledBy(String chosen) {
    return new SeenRequest(
        sequence,
        connection,
        listener,
        kind,
        repository,
        reference,
        method,
        path,
        query,
        headers,
        body,
        plannedStatus,
        challenged,
        chosen);
  }

  /** One line of a transcript. */
  @Override
  public String toString() {
    return sequence
        + " "
        + listener
        + " connection "
        + connection
        + ": "
        + method
        + " "
        + path
        + range().map(r -> " [" + r + "]").orElse("")
        + " -> "
        + plannedStatus
        + (fault.isEmpty() ? "" : ", spoiled by " + fault);
  }
}
