package dev.breakwater.upstream;

import dev.breakwater.oci.FailureCause;

/** How a request to upstream ended; a metric label and what policies decide by. */
public enum UpstreamOutcome {
  /** Answered as hoped. */
  OK("2xx"),
  /** Not changed. */
  NOT_MODIFIED("304"),
  /** 401, also with a fresh token: private, or, on Docker Hub, not existing. */
  UNAUTHORIZED("401"),
  /** 403: not with these credentials. */
  DENIED("403"),
  /** 404: definitely not there. */
  NOT_FOUND("404"),
  /** 429. */
  RATE_LIMITED("429"),
  /** Any other 4xx. */
  REFUSED("4xx"),
  /** 5xx. */
  SERVER_ERROR("5xx"),
  /** Connected, but too slow. */
  TIMEOUT("timeout"),
  /** Name not resolved, connection refused, reset or cut. */
  CONNECT("connect"),
  /** Certificate or handshake. */
  TLS("tls"),
  /** Bytes that do not hash to their digest. */
  DIGEST_MISMATCH("digest_mismatch"),
  /** An answer that breaks the protocol: HTML page, wrong length, redirect loop, foreign realm. */
  INVALID("invalid"),
  /** Not asked, or asked anonymously in vain, because its login could not be obtained. */
  LOGIN("login"),
  /** Not asked, because the operator said so. */
  OFFLINE("offline"),
  /** Not asked, because too many requests to it wait here. */
  BUSY("busy"),
  /** Given up by ourselves. */
  CANCELLED("cancelled");

  private final String label;

  UpstreamOutcome(String label) {
    this.label = label;
  }

  /** The value of the metric label {@code outcome}. */
  public String label() {
    return label;
  }

  /**
   * Whether nothing came back that upstream can have meant, so that asking again at once is in
   * vain: what a breaker counts.
   */
  boolean isSilence() {
    return switch (this) {
      case CONNECT, TLS, TIMEOUT, SERVER_ERROR -> true;
      default -> false;
    };
  }

  /** Whether the answer was "no": not there, or not for this account. */
  boolean isNo() {
    return switch (this) {
      case UNAUTHORIZED, DENIED, NOT_FOUND -> true;
      default -> false;
    };
  }

  /** Why a request failed that ended so, unless more is known. */
  FailureCause failureCause() {
    return switch (this) {
      case UNAUTHORIZED -> FailureCause.UPSTREAM_401;
      case DENIED -> FailureCause.UPSTREAM_403;
      case NOT_FOUND -> FailureCause.UPSTREAM_404;
      case RATE_LIMITED -> FailureCause.UPSTREAM_429;
      case REFUSED -> FailureCause.UPSTREAM_4XX;
      case SERVER_ERROR -> FailureCause.UPSTREAM_5XX;
      case TIMEOUT -> FailureCause.TIMEOUT;
      case CONNECT -> FailureCause.UPSTREAM_CONNECT;
      case TLS -> FailureCause.UPSTREAM_TLS;
      case DIGEST_MISMATCH -> FailureCause.DIGEST_MISMATCH;
      case INVALID -> FailureCause.UPSTREAM_INVALID;
      case LOGIN -> FailureCause.UPSTREAM_LOGIN;
      case OFFLINE -> FailureCause.OFFLINE;
      case BUSY -> FailureCause.OVERLOAD;
      case CANCELLED -> FailureCause.DOWNLOAD_STOPPED;
      case OK, NOT_MODIFIED -> FailureCause.INTERNAL;
    };
  }

  /**
   * Whether upstream could not answer the question, as opposed to answering "no": the cached answer
   * may then be served although it is stale.
   */
  public boolean isUnavailable() {
    return switch (this) {
      case RATE_LIMITED,
          SERVER_ERROR,
          TIMEOUT,
          CONNECT,
          TLS,
          DIGEST_MISMATCH,
          INVALID,
          REFUSED,
          LOGIN,
          OFFLINE,
          BUSY ->
          true;
      case OK, NOT_MODIFIED, UNAUTHORIZED, DENIED, NOT_FOUND, CANCELLED -> false;
    };
  }
}
