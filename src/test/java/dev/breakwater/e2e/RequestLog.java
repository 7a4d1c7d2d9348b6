package dev.breakwater.e2e;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the upstream registry was asked for, in order. Thread-safe. */
final class RequestLog {
  /**
   * One request.
   *
   * @param status how upstream answered it
   */
  record Request(String method, String path, int status) {
    /** A GET whose answer carried content: what a registry counts and what costs bandwidth. */
    boolean fetched() {
      return method.equals("GET")
          && status / 100 == 2
          && (path.contains("/manifests/") || path.contains("/blobs/"));
    }
  }

  private final List<Request> requests = new CopyOnWriteArrayList<>();

  void add(Request request) {
    requests.add(request);
  }

  /** What {@link #fetchesSince} takes: the number of requests until now. */
  int mark() {
    return requests.size();
  }

  /** Paths of the manifests and blobs that were downloaded after {@code mark}. */
  List<String> fetchesSince(int mark) {
    return requests.stream().skip(mark).filter(Request::fetched).map(Request::path).toList();
  }

  /** How often the blob was downloaded, whatever the repository. */
  long downloads(String digest) {
    return fetchesSince(0).stream().filter(path -> path.endsWith("/blobs/" + digest)).count();
  }
}
