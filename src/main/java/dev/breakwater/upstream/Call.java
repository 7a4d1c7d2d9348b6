package dev.breakwater.upstream;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.RepositoryName;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One logical request, however many HTTP requests it takes.
 *
 * @param kind what it is about, for the meters
 * @param subject what it does, for messages: {@code pulling manifest library/nginx:1.27}
 * @param repository whose content it asks for
 * @param counted whether a registry that limits pulls counts it: a GET of a manifest
 * @param deadline when it must have its answer
 * @param paid whether its next request is counted already by the limit of their rate
 */
record Call(
    ContentKind kind,
    String subject,
    RepositoryName repository,
    boolean counted,
    Deadline deadline,
    AtomicBoolean paid) {
  /** A call of which no request is counted. */
  Call(
      ContentKind kind,
      String subject,
      RepositoryName repository,
      boolean counted,
      Deadline deadline) {
    this(kind, subject, repository, counted, deadline, new AtomicBoolean());
  }

  /** The same, with its time beginning only now. */
  Call with(Deadline begun, boolean isPaid) {
    return new Call(kind, subject, repository, counted, begun, new AtomicBoolean(isPaid));
  }
}
