package dev.breakwater.oci;

/**
 * The closed list of error codes of the distribution API: those of the specification, then the
 * extras that distribution and the clients know. Each carries the status it travels with.
 */
public enum ErrorCode {
  /** The blob is not known to the registry in this repository. */
  BLOB_UNKNOWN(404),
  /** An upload session cannot go on. */
  BLOB_UPLOAD_INVALID(400),
  /** No such upload session. */
  BLOB_UPLOAD_UNKNOWN(404),
  /** The digest is malformed, of an unsupported algorithm, or does not match the content. */
  DIGEST_INVALID(400),
  /** A manifest refers to a manifest or blob that is not there. */
  MANIFEST_BLOB_UNKNOWN(400),
  /** The manifest is malformed. */
  MANIFEST_INVALID(400),
  /** The manifest is not known in this repository. */
  MANIFEST_UNKNOWN(404),
  /** The repository name breaks the grammar. */
  NAME_INVALID(400),
  /** The repository is not known. */
  NAME_UNKNOWN(404),
  /** The content's length is not the one announced. */
  SIZE_INVALID(400),
  /** Credentials are needed. */
  UNAUTHORIZED(401),
  /** The identity may not do this. */
  DENIED(403),
  /** The operation is not offered here. */
  UNSUPPORTED(405),
  /** Too many requests. */
  TOOMANYREQUESTS(429),

  /** A range that cannot be satisfied. */
  RANGE_INVALID(416),
  /** The tag breaks the grammar. */
  TAG_INVALID(400),
  /** {@code n} or {@code last} of a listing is malformed. */
  PAGINATION_NUMBER_INVALID(400),
  /** The request is malformed in a way that no other code names. */
  REQUEST_INVALID(400),
  /** The path is no part of this API. */
  PATH_UNKNOWN(404),
  /** The body is larger than this registry takes. */
  CONTENT_TOO_LARGE(413),
  /** What was asked for is unavailable now, because upstream or this server has a problem. */
  UNAVAILABLE(503),
  /** A defect of this server. */
  UNKNOWN(500);

  private final int status;

  ErrorCode(int status) {
    this.status = status;
  }

  /** The HTTP status that goes with the code (distribution's {@code errcode} table). */
  public int status() {
    return status;
  }
}
