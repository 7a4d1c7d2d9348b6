package dev.breakwater.oci;

/**
 * Why a request was not answered as its client hoped: {@code cause} in the access log, and the end
 * of the answer's reason phrase. A closed set, of which the README has a table.
 */
public enum FailureCause {
  /** The request breaks the protocol or the grammar of names, tags, digests or ranges. */
  BAD_REQUEST("bad-request", CacheResult.LOCAL, "the request is malformed"),
  /** A push, or another operation that a mirror does not offer. */
  UNSUPPORTED("unsupported", CacheResult.LOCAL, "this is a mirror, for pulls only"),
  /** The registry that the request names is not configured. */
  UNKNOWN_REGISTRY(
      "unknown-registry", CacheResult.LOCAL, "this registry is not in the mirror's configuration"),
  /** The user name, password or token that came is not valid. */
  LOGIN_WRONG("login-wrong", CacheResult.LOCAL, "the login is not valid"),
  /** Clients without a login may not do this. */
  LOGIN_REQUIRED("login-required", CacheResult.LOCAL, "a login is needed"),
  /** The rules of the configuration do not let this client do this: {@code access.rules}. */
  NOT_ALLOWED("not-allowed", CacheResult.LOCAL, "the mirror's rules do not allow it"),
  /** Too many wrong passwords came from this client or for this user. */
  LOGIN_LIMIT("login-limit", CacheResult.LOCAL, "too many wrong logins"),
  /** The configuration does not allow this repository: {@code upstreams.NAME.allow} and deny. */
  DENIED("denied", CacheResult.NEGATIVE, "the mirror's configuration denies this repository"),
  /** {@code upstreams.NAME.access} gives it to others: to those who log in, or to some of them. */
  NO_ACCESS("no-access", CacheResult.NEGATIVE, "the mirror gives this registry to others only"),
  /**
   * Upstream gives it to no anonymous user, and {@code upstreams.NAME.publicOnly} serves no more.
   */
  NOT_PUBLIC(
      "not-public", CacheResult.NEGATIVE, "private or not existing, as upstream tells the public"),
  /** No such path in this API, or no such content in a registry without an upstream. */
  NOT_FOUND_LOCALLY("not-found-locally", CacheResult.LOCAL, "the mirror has no such path"),

  /** Upstream answers 401, also with a fresh token. */
  UPSTREAM_401(
      "upstream-401", CacheResult.NEGATIVE, "upstream answered 401, private or not existing"),
  /** Upstream answers 403. */
  UPSTREAM_403("upstream-403", CacheResult.NEGATIVE, "upstream answered 403, not allowed"),
  /** Upstream answers 404. */
  UPSTREAM_404("upstream-404", CacheResult.NEGATIVE, "upstream answered 404, it does not have it"),
  /** Upstream answers 429 although pulls are left, or without counting them. */
  UPSTREAM_429("upstream-429", CacheResult.ERROR, "upstream answered 429, too many requests"),
  /** Upstream's pull quota is used up. */
  QUOTA("quota", CacheResult.ERROR, "the pull quota at upstream is used up"),
  /** Upstream answers another 4xx. */
  UPSTREAM_4XX("upstream-4xx", CacheResult.ERROR, "upstream refused the request"),
  /** Upstream answers 5xx. */
  UPSTREAM_5XX("upstream-5xx", CacheResult.ERROR, "upstream has a server error"),
  /** Upstream's name does not resolve, or the connection is refused or cut. */
  UPSTREAM_CONNECT("upstream-connect", CacheResult.ERROR, "upstream cannot be reached"),
  /** The TLS handshake with upstream fails. */
  UPSTREAM_TLS("upstream-tls", CacheResult.ERROR, "TLS with upstream failed"),
  /** The login for upstream cannot be obtained, from a credential helper or a file. */
  UPSTREAM_LOGIN(
      "upstream-login", CacheResult.ERROR, "the mirror cannot obtain its login for upstream"),
  /** What upstream answers breaks the protocol. */
  UPSTREAM_INVALID("upstream-invalid", CacheResult.ERROR, "upstream sent an invalid answer"),
  /** What upstream sent does not have the digest that was asked for. */
  DIGEST_MISMATCH("digest-mismatch", CacheResult.ERROR, "upstream sent content of another digest"),
  /** Upstream is too slow for a client to wait. */
  TIMEOUT("timeout", CacheResult.ERROR, "upstream did not answer in time"),
  /** Upstream has failed several times in a row and is not asked at the moment. */
  BREAKER_OPEN("breaker-open", CacheResult.ERROR, "upstream is down, the mirror tries it later"),
  /** The operator has switched upstream offline, and the content is not cached. */
  OFFLINE("offline", CacheResult.NEGATIVE, "not cached, and the mirror is offline"),

  /** Too many requests or downloads wait here. */
  OVERLOAD("overload", CacheResult.ERROR, "the mirror is overloaded"),
  /** This client has asked for too many things that do not exist. */
  CLIENT_LIMIT("client-limit", CacheResult.ERROR, "this client asks for too much that is absent"),
  /** The cache's disk is full, read-only or broken. */
  DISK("disk", CacheResult.ERROR, "the mirror's disk failed"),
  /** The download ended before this request could join it, or was stopped. */
  DOWNLOAD_STOPPED("download-stopped", CacheResult.ERROR, "the download was stopped, ask again"),
  /** The client closed the connection before the answer was complete. */
  CLIENT_LEFT("client-left", CacheResult.ERROR, "the client has left"),
  /** The client took bytes so slowly that it was cut off. */
  CLIENT_SLOW("client-slow", CacheResult.ERROR, "the client reads too slowly"),
  /** A defect of this server. */
  INTERNAL("internal", CacheResult.ERROR, "internal error, see the mirror's log");

  private final String word;
  private final CacheResult cacheResult;
  private final String phrase;

  FailureCause(String word, CacheResult cacheResult, String phrase) {
    this.word = word;
    this.cacheResult = cacheResult;
    this.phrase = phrase;
  }

  /** The cause of a failure of which only the code is known: one that this server found itself. */
  static FailureCause of(ErrorCode code) {
    return switch (code) {
      case BLOB_UNKNOWN, BLOB_UPLOAD_UNKNOWN, MANIFEST_UNKNOWN, NAME_UNKNOWN, PATH_UNKNOWN ->
          NOT_FOUND_LOCALLY;
      case UNSUPPORTED -> UNSUPPORTED;
      case TOOMANYREQUESTS -> CLIENT_LIMIT;
      case UNAVAILABLE -> OVERLOAD;
      case UNKNOWN -> INTERNAL;
      case BLOB_UPLOAD_INVALID,
          DIGEST_INVALID,
          MANIFEST_BLOB_UNKNOWN,
          MANIFEST_INVALID,
          NAME_INVALID,
          SIZE_INVALID,
          UNAUTHORIZED,
          DENIED,
          RANGE_INVALID,
          TAG_INVALID,
          PAGINATION_NUMBER_INVALID,
          REQUEST_INVALID,
          CONTENT_TOO_LARGE ->
          BAD_REQUEST;
    };
  }

  /** The word of the access log, in kebab case. */
  public String word() {
    return word;
  }

  /** A few words for a person, printable ASCII, fit for the reason phrase of an HTTP/1.1 answer. */
  public String phrase() {
    return phrase;
  }

  /** How the log and the metrics count such an answer. */
  public CacheResult cacheResult() {
    return cacheResult;
  }
}
