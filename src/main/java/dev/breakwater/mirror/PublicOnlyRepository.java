package dev.breakwater.mirror;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.RangeRequest;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.BlobStat;
import dev.breakwater.registry.ManifestStat;
import dev.breakwater.registry.ReferrersListing;
import dev.breakwater.registry.Repository;
import dev.breakwater.registry.Served;
import dev.breakwater.registry.UndividedRepository;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A repository of which only what upstream gives to anonymous users is served, although the mirror
 * has credentials for more. Nothing of it is looked up, served or fetched before that is known.
 *
 * @param repository what the credentials read
 */
record PublicOnlyRepository(Repository repository, Visibility visibility, StaleFallback fallback)
    implements UndividedRepository {
  @Override
  public ZoneName zone() {
    return repository.zone();
  }

  @Override
  public RepositoryName name() {
    return repository.name();
  }

  @Override
  public Future<Served<Manifest>> get(Reference reference) {
    return ifPublic(
        Wanted.manifest(reference), () -> repository.manifests().get(reference), late -> {});
  }

  @Override
  public Future<Served<ManifestStat>> stat(Reference reference) {
    return ifPublic(
        Wanted.manifest(reference), () -> repository.manifests().stat(reference), late -> {});
  }

  @Override
  public Future<Served<BlobStat>> stat(Digest digest) {
    return ifPublic(Wanted.blob(digest), () -> repository.blobs().stat(digest), late -> {});
  }

  @Override
  public Future<Served<BlobBody>> open(Digest digest, Optional<RangeRequest> range) {
    return ifPublic(
        Wanted.blob(digest),
        () -> repository.blobs().open(digest, range),
        late -> late.value().close());
  }

  @Override
  public void doubt(Digest digest) {
    repository.blobs().doubt(digest);
  }

  @Override
  public Future<Served<List<Tag>>> list() {
    return ifPublic(Wanted.TAGS, () -> repository.tags().list(), late -> {});
  }

  @Override
  public Future<Served<ReferrersListing>> list(Digest subject, Optional<String> artifactType) {
    return ifPublic(
        Wanted.referrers(subject),
        () -> repository.referrers().list(subject, artifactType),
        late -> {});
  }

  /**
   * What a client wants.
   *
   * @param kind what upstream is asked for
   * @param about which one
   * @param absent the code with which it is refused
   * @param subject for messages, with a space after it
   */
  private record Wanted(
      ContentKind kind, Optional<Reference> about, ErrorCode absent, String subject) {
    static final Wanted TAGS =
        new Wanted(ContentKind.TAGS, Optional.empty(), ErrorCode.NAME_UNKNOWN, "tag list of ");

    static Wanted manifest(Reference reference) {
      return new Wanted(
          ContentKind.MANIFEST, Optional.of(reference), ErrorCode.MANIFEST_UNKNOWN, "manifest ");
    }

    static Wanted blob(Digest digest) {
      return new Wanted(ContentKind.BLOB, Optional.of(digest), ErrorCode.BLOB_UNKNOWN, "blob ");
    }

    static Wanted referrers(Digest subject) {
      return new Wanted(
          ContentKind.MANIFEST, Optional.of(subject), ErrorCode.MANIFEST_UNKNOWN, "referrers of ");
    }
  }

  /** The answer if the repository is public; an answer that comes too late goes to {@code late}. */
  private <T> Future<T> ifPublic(Wanted wanted, Supplier<Future<T>> answer, Consumer<T> late) {
    if (visibility.isPublic(name(), wanted.about())) {
      return answer.get();
    }
    return fallback
        .inTime(
            visibility
                .learn(name(), wanted.kind(), wanted.about())
                .compose(isPublic -> isPublic ? answer.get() : notPublic(wanted)),
            late)
        .recover(
            failure ->
                Future.failedFuture(
                    UpstreamFailures.ofVisibility(wanted.absent(), subject(wanted), failure)));
  }

  private <T> Future<T> notPublic(Wanted wanted) {
    return Future.failedFuture(
        new RegistryException(
            wanted.absent(),
            FailureCause.NOT_PUBLIC,
            subject(wanted)
                + " is not available: upstream does not give it to anonymous users, and"
                + " upstreams."
                + zone()
                + ".publicOnly is true",
            null,
            null));
  }

  private String subject(Wanted wanted) {
    return wanted.subject()
        + wanted.about().map(reference -> reference + " of ").orElse("")
        + name()
        + " from "
        + zone();
  }
}
