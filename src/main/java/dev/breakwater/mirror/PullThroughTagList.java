package dev.breakwater.mirror;

import dev.breakwater.oci.Tag;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import dev.breakwater.registry.TagList;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * The tags of an upstream repository. A list is asked from upstream each time, since clients ask
 * seldom and want the truth; when upstream is unwell, the tags that were pulled through here stand
 * in.
 */
record PullThroughTagList(PullThrough mirror, BlobSource source) implements TagList {
  @Override
  public Future<Served<List<Tag>>> list() {
    return mirror
        .tagLists()
        .join(
            new PullThrough.Listing(source.upstream().zone(), source.repository(), "", ""),
            this::ask,
            served -> new Served<>(served.value(), Provenance.COALESCED))
        .recover(this::knownOr);
  }

  private Future<Served<List<Tag>>> ask() {
    return source
        .upstream()
        .listTags(source.repository())
        .map(tags -> new Served<>(tags, Provenance.MISS));
  }

  private Future<Served<List<Tag>>> knownOr(Throwable failure) {
    Optional<String> unwell = UpstreamFailures.unwell(failure);
    if (unwell.isEmpty()) {
      return refused(failure);
    }
    return mirror
        .index()
        .tags(source.upstream().zone(), source.repository())
        .compose(
            tags ->
                tags.isEmpty()
                    ? refused(failure)
                    : mirror.stale(source.upstream().zone(), tags, "upstream-" + unwell.get()));
  }

  private Future<Served<List<Tag>>> refused(Throwable failure) {
    return Future.failedFuture(UpstreamFailures.ofRepository("tag list of " + source, failure));
  }
}
