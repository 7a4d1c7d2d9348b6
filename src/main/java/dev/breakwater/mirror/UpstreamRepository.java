package dev.breakwater.mirror;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.UpstreamHealth;
import dev.breakwater.upstream.UpstreamRegistry;
import io.vertx.core.Future;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A repository of an upstream, as the mirror may ask it: not again for what it refused lately, and
 * for no client too often for what it may not have. Thread-safe.
 */
record UpstreamRepository(UpstreamBlobSource source, NegativeCache absent) {

  ZoneName zone() {
    return registry().zone();
  }

  RepositoryName name() {
    return source.repository();
  }

  UpstreamRegistry registry() {
    return source.upstream();
  }

  /** Where downloads of its blobs come from. */
  UpstreamHealth health(ContentKind kind) {
    return registry().health(kind);
  }

  RepositoryReference reference(Reference reference) {
    return new RepositoryReference(zone(), name(), reference);
  }

  /** Fails if upstream has just refused this. */
  Future<Void> refuseKnown(NegativeCache.Asked asked, Reference reference) {
    return absent.refuseKnown(asked, reference(reference));
  }

  /** Remembers the failure if it was a definite "no". */
  void failed(NegativeCache.Asked asked, Reference reference, Throwable failure) {
    absent.remember(asked, reference(reference), failure);
  }

  /** Asks for something that nothing here says upstream has; fails if the client must wait. */
  <T> Future<T> guess(Supplier<Future<T>> question) {
    return guess(question, answer -> false);
  }

  /**
   * Asks for something that nothing here says upstream has; fails if the client must wait.
   *
   * @param isAbsent whether the answer says that upstream does not have it; a refusal always does
   */
  <T> Future<T> guess(Supplier<Future<T>> question, Predicate<T> isAbsent) {
    return absent.guesses().ask(zone(), question, isAbsent);
  }

  /** For messages: {@code library/nginx from docker.io}. */
  @Override
  public String toString() {
    return source.toString();
  }
}
