package dev.breakwater.mirror;

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
import dev.breakwater.registry.Identity;
import dev.breakwater.registry.ManifestStat;
import dev.breakwater.registry.ReferrersListing;
import dev.breakwater.registry.Served;
import dev.breakwater.registry.UndividedRepository;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * A repository that the configuration does not allow, at all or to this reader. It has neither
 * cache nor upstream, so nothing of it is ever served or asked for.
 *
 * @param code with which all is refused; empty: as what the registry does not have
 * @param reason which key of the configuration says so
 */
record DeniedRepository(
    ZoneName zone, RepositoryName name, Optional<ErrorCode> code, FailureCause cause, String reason)
    implements UndividedRepository {
  /**
   * One that is not mirrored. Every answer is 404, as for what a registry does not have: clients
   * turn to the next registry at once, and do not try again here.
   */
  static DeniedRepository byRules(ZoneName zone, RepositoryName name, String reason) {
    return new DeniedRepository(
        zone,
        name,
        Optional.empty(),
        FailureCause.DENIED,
        "the mirror's configuration denies it, " + reason);
  }

  /** One that others may read. The listener decides whether the client is asked to log in. */
  static DeniedRepository to(Identity reader, ZoneName zone, RepositoryName name) {
    return new DeniedRepository(
        zone,
        name,
        Optional.of(reader.isAnonymous() ? ErrorCode.UNAUTHORIZED : ErrorCode.DENIED),
        FailureCause.NO_ACCESS,
        "upstreams."
            + zone
            + ".access "
            + (reader.isAnonymous() ? "wants a login" : "does not name this user"));
  }

  @Override
  public Future<Served<Manifest>> get(Reference reference) {
    return refused(ErrorCode.MANIFEST_UNKNOWN, "manifest " + reference + " of ");
  }

  @Override
  public Future<Served<ManifestStat>> stat(Reference reference) {
    return refused(ErrorCode.MANIFEST_UNKNOWN, "manifest " + reference + " of ");
  }

  @Override
  public Future<Served<BlobStat>> stat(Digest digest) {
    return refused(ErrorCode.BLOB_UNKNOWN, "blob " + digest + " of ");
  }

  @Override
  public Future<Served<BlobBody>> open(Digest digest, Optional<RangeRequest> range) {
    return refused(ErrorCode.BLOB_UNKNOWN, "blob " + digest + " of ");
  }

  @Override
  public Future<Served<List<Tag>>> list() {
    return refused(ErrorCode.NAME_UNKNOWN, "tag list of ");
  }

  @Override
  public Future<Served<ReferrersListing>> list(Digest subject, Optional<String> artifactType) {
    return refused(ErrorCode.MANIFEST_UNKNOWN, "referrers of " + subject + " in ");
  }

  private <T> Future<T> refused(ErrorCode absent, String what) {
    return Future.failedFuture(
        new RegistryException(
            code.orElse(absent),
            cause,
            what + zone + "/" + name + " is not available: " + reason,
            null,
            null));
  }
}
