package dev.breakwater.mirror;

import dev.breakwater.oci.Tag;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import dev.breakwater.registry.TagList;
import dev.breakwater.upstream.SingleFlight;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * The tags of an upstream repository. A list is used for a short time, see {@link TagLists}, so
 * that a client's pages come from one list; when upstream fails afterwards, the tags that were
 * pulled through here stand in.
 */
record PullThroughTagList(
    UpstreamRepository upstream,
    RepositoryIndex index,
    TagLists lists,
    StaleFallback fallback,
    SingleFlight<TagLists.Key, Served<List<Tag>>> flights)
    implements TagList {
  @Override
  public Future<Served<List<Tag>>> list() {
    Optional<List<Tag>> known = lists.find(upstream.zone(), upstream.name());
    return known.isPresent()
        ? Future.succeededFuture(new Served<>(known.get(), Provenance.HIT))
        : fetch();
  }

  private Future<Served<List<Tag>>> fetch() {
    return flights
        .join(
            new TagLists.Key(upstream.zone(), upstream.name()),
            this::ask,
            served -> new Served<>(served.value(), Provenance.COLLAPSED))
        .recover(this::knownOr);
  }

  private Future<Served<List<Tag>>> ask() {
    return upstream
        .guess(() -> upstream.registry().listTags(upstream.name()))
        .onSuccess(tags -> lists.put(upstream.zone(), upstream.name(), tags))
        .map(tags -> new Served<>(tags, Provenance.MISS));
  }

  private Future<Served<List<Tag>>> knownOr(Throwable failure) {
    Optional<String> unavailable = UpstreamFailures.unavailability(failure);
    if (unavailable.isEmpty()) {
      return refused(failure);
    }
    return index
        .tags()
        .compose(
            tags ->
                tags.isEmpty()
                    ? refused(failure)
                    : fallback.stale(upstream.zone(), tags, unavailable.get()));
  }

  private Future<Served<List<Tag>>> refused(Throwable failure) {
    return Future.failedFuture(UpstreamFailures.ofRepository("tag list of " + upstream, failure));
  }
}
