package dev.breakwater.gc;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.Index;
import dev.breakwater.index.ReferrersRecord;
import dev.breakwater.index.Subject;
import dev.breakwater.index.Tables;
import dev.breakwater.index.TagRecord;
import dev.breakwater.index.UsageRecord;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.oci.Tag;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Retention of hosted content, which no upstream has: what a tag reaches stays for ever, and the
 * rest for a grace after it was stored or used. Used by one thread at a time.
 */
final class ReachabilityPolicy implements Retention {
  /*
   * What stays:
   *
   *   a tag        always.
   *   a manifest   that is reached: from a tag, from a manifest that was stored or used within the
   *                grace, or from a pinned one. An index reaches its children, a manifest its
   *                subject, and a subject its referrers.
   *   a listing of referrers   whose subject is reached, be it there or not.
   *   a link       that a reached manifest of its repository names, or whose blob was stored or
   *                used within the grace.
   *   a blob       that a link of a hosted zone leads to (Retentions).
   *
   * When a manifest was stored is told by its usage: a put counts as a use, and a manifest without a
   * record of use counts as used when a sweep sees it first.
   *
   * Manifests reach one another within a repository only. So one repository is looked at as a whole
   * when the sweep first asks about it, and again if something was put there since. What was marked
   * once stays marked, so an answer errs on the side of keeping.
   *
   * What a repository reaches is not known if a manifest that has to be followed cannot be parsed, or
   * is not in the index although a tag points at it. Then all of the repository stays.
   */

  private static final Logger log = LoggerFactory.getLogger(ReachabilityPolicy.class);

  private final Index index;
  private final Marks marks;
  private final Retention unreached;
  private final Retentions retentions;
  private final Duration grace;
  private final Set<RepositoryKey> seen = new HashSet<>();

  /**
   * For one sweep.
   *
   * @param marks takes what is reached
   * @param unreached decides about what is not reached, by its disuse during the grace
   * @param retentions knows the links of hosted repositories and what was put into them
   */
  ReachabilityPolicy(
      Index index, Marks marks, Retention unreached, Retentions retentions, Duration grace) {
    this.index = index;
    this.marks = marks;
    this.unreached = unreached;
    this.retentions = retentions;
    this.grace = grace;
  }

  @Override
  public Optional<String> manifest(InRepository<Digest> manifest, Optional<UsageRecord> usage) {
    look(manifest);
    if (marks.isLiving(manifest, manifest.name())) {
      return Optional.empty();
    }
    if (unreached.manifest(manifest, usage).isEmpty()) {
      // Used or pinned since the look.
      markReached(RepositoryKey.of(manifest));
      return Optional.empty();
    }
    return Optional.of("no tag reaches it, and it was not stored or used for " + grace);
  }

  @Override
  public Optional<String> tag(InRepository<Tag> tag, TagRecord target) {
    return Optional.empty();
  }

  @Override
  public Optional<String> referrers(InRepository<Subject> subject, ReferrersRecord listing) {
    look(subject);
    return unreached.referrers(subject, listing);
  }

  @Override
  public Optional<String> link(InRepository<Digest> link) {
    look(link);
    return unreached.link(link);
  }

  @Override
  public Optional<String> blob(Digest digest, BlobRecord blob, Optional<UsageRecord> usage) {
    return retentions.isLinked(digest)
        ? Optional.empty()
        : Optional.of("no hosted repository links to it");
  }

  private void look(InRepository<?> fact) {
    RepositoryKey repository = RepositoryKey.of(fact);
    boolean isNew = seen.add(repository);
    if (retentions.hasChanged(repository) || isNew) {
      markReached(repository);
    }
  }

  /** Marks everything in a repository that is reached by now. */
  private void markReached(RepositoryKey repository) {
    Map<Digest, List<Digest>> edges = new HashMap<>();
    Deque<Digest> toFollow = new ArrayDeque<>();
    index.scan(
        Tables.MANIFESTS,
        repository.zone(),
        repository.repository(),
        (key, manifest) -> {
          List<Digest> reaches = edges.computeIfAbsent(key.name(), ignored -> new ArrayList<>());
          Optional<ManifestDocument> document = Marks.read(manifest);
          if (document.isEmpty()) {
            keepAll(repository, "manifest " + key.name() + " cannot be parsed");
            return;
          }
          document.get().manifests().forEach(child -> reaches.add(child.digest()));
          document
              .get()
              .subject()
              .ifPresent(
                  subject -> {
                    reaches.add(subject.digest());
                    edges
                        .computeIfAbsent(subject.digest(), ignored -> new ArrayList<>())
                        .add(key.name());
                  });
          if (unreached.manifest(key, index.get(Tables.MANIFEST_USAGE, key)).isEmpty()) {
            toFollow.add(key.name());
          }
        });
    index.scan(
        Tables.TAGS,
        repository.zone(),
        repository.repository(),
        (tag, target) -> {
          toFollow.add(target.digest());
          if (index.get(Tables.MANIFESTS, repository.with(target.digest())).isEmpty()) {
            keepAll(
                repository,
                "tag " + tag.name() + " points at " + target.digest() + ", which is not there");
          }
        });
    Set<Digest> reached = new HashSet<>();
    while (!toFollow.isEmpty()) {
      Digest next = toFollow.remove();
      if (reached.add(next)) {
        marks.mark(repository.with(next), index.get(Tables.MANIFESTS, repository.with(next)));
        toFollow.addAll(edges.getOrDefault(next, List.of()));
      }
    }
  }

  private void keepAll(RepositoryKey repository, String reason) {
    if (marks.markAll(repository)) {
      log.warn("the sweep deletes nothing in {}: {}", repository, reason);
    }
  }
}
