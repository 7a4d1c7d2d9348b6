package dev.breakwater.mirror;

import dev.breakwater.index.Tables;
import dev.breakwater.oci.Tag;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import dev.breakwater.registry.TagList;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * The tags of an upstream repository. A list is used for a short time, see {@link TagLists}, so
 * that a client's pages come from one list; when upstream fails afterwards, the tags that were
 * pulled through here stand in.
 */
record PullThroughTagList(PullThrough mirror, BlobSource source) implements TagList {
  @Override
  public Future<Served<List<Tag>>> list() {
    Optional<List<Tag>> known =
        mirror.knownTagLists().find(source.upstream().zone(), source.repository());
    return known.isPresent()
        ? Future.succeededFuture(new Served<>(known.get(), Provenance.HIT))
        : fetch();
  }

  private Future<Served<List<Tag>>> fetch() {
    return mirror
        .tagLists()
        .join(
            new PullThrough.Listing(source.upstream().zone(), source.repository(), "", ""),
            this::ask,
            served -> new Served<>(served.value(), Provenance.COALESCED))
        .recover(this::knownOr);
  }

  private Future<Served<List<Tag>>> ask() {
    return mirror
        .absent()
        .guesses()
        .ask(source.upstream().zone(), () -> source.upstream().listTags(source.repository()))
        .onSuccess(
            tags -> mirror.knownTagLists().put(source.upstream().zone(), source.repository(), tags))
        .map(tags -> new Served<>(tags, Provenance.MISS));
  }

  private Future<Served<List<Tag>>> knownOr(Throwable failure) {
    Optional<String> unavailable = UpstreamFailures.unavailability(failure);
    if (unavailable.isEmpty()) {
      return refused(failure);
    }
    return mirror
        .index()
        .names(Tables.TAGS, source.upstream().zone(), source.repository())
        .compose(
            tags ->
                tags.isEmpty()
                    ? refused(failure)
                    : mirror.stale(
                        source.upstream().zone(), tags, "upstream-" + unavailable.get()));
  }

  private Future<Served<List<Tag>>> refused(Throwable failure) {
    return Future.failedFuture(UpstreamFailures.ofRepository("tag list of " + source, failure));
  }
}
