package dev.breakwater.gc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.Change;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.Table;
import dev.breakwater.index.Tables;
import dev.breakwater.index.TagRecord;
import dev.breakwater.index.UsageRecord;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Sweeps leave of random mirrored and hosted repositories exactly what a naive model keeps. */
class RetentionModelTest {
  private static final Duration GRACE = Duration.ofHours(1);
  private static final Duration MAX_IDLE = Duration.ofDays(30);
  private static final int BLOBS = 5;

  /** Both are hosted zones, so that two repositories of one name are kept apart. */
  private static final ZoneName SECOND = new ZoneName("hosted2");

  private static final List<RepositoryKey> REPOSITORIES =
      List.of(
          new RepositoryKey(ZoneName.HOSTED, new RepositoryName("app")),
          new RepositoryKey(ZoneName.HOSTED, new RepositoryName("app/base")),
          new RepositoryKey(SECOND, new RepositoryName("app")),
          new RepositoryKey(ZoneName.DOCKER_HUB, new RepositoryName("app")));

  /** When something was stored or used. */
  enum Age {
    NOW(Duration.ZERO),
    /** Too long ago for hosted content that nothing reaches. */
    DAYS(Duration.ofDays(2)),
    /** Too long ago for mirrored content. */
    MONTHS(Duration.ofDays(60));

    final Duration ago;

    Age(Duration ago) {
      this.ago = ago;
    }

    boolean isOlderThan(Duration time) {
      return ago.compareTo(time) >= 0;
    }
  }

  /**
   * How a manifest is made. Numbers are those of earlier manifests, or of blobs, modulo their
   * count.
   *
   * @param used empty if nothing is known of it
   * @param subject of no manifest that is stored, if it is the greatest
   */
  record Plan(
      int repository,
      boolean isIndex,
      List<Integer> names,
      Optional<Integer> subject,
      Optional<Age> used,
      boolean isTagged) {}

  /** One that is stored in a repository. */
  record Stored(
      RepositoryKey repository,
      Manifest manifest,
      List<Digest> names,
      Optional<Digest> subject,
      Plan plan) {
    InRepository<Digest> key() {
      return repository.with(manifest.digest());
    }

    boolean isHosted() {
      return !repository.zone().equals(ZoneName.DOCKER_HUB);
    }

    /** Whether it stays though nothing reaches it. */
    boolean isUsed() {
      Duration time = isHosted() ? Duration.ofDays(1) : MAX_IDLE;
      return plan.used().isEmpty() || !plan.used().get().isOlderThan(time);
    }
  }

  private static Path data;
  private static CacheFixture cache;
  private static Sweeper sweeper;

  @BeforeContainer
  static void open() throws Exception {
    data = Files.createTempDirectory("retention-model");
    cache = new CacheFixture(data, 1 << 20);
    cache.host(Retentions.Hosted.of(Set.of(ZoneName.HOSTED, SECOND)));
    sweeper =
        new Sweeper(
            cache.sweeperParts(),
            new Sweeper.Settings(Duration.ofHours(1), GRACE, MAX_IDLE, false),
            oldest -> {});
  }

  @AfterContainer
  static void close() throws Exception {
    cache.close();
    try (var files = Files.walk(data)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  @Property(tries = 300)
  void sweepsLeaveWhatTheModelKeeps(
      @ForAll("plans") List<Plan> plans, @ForAll("ages") List<Age> blobAges) {
    clear();
    List<Digest> blobs = new ArrayList<>();
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < BLOBS; i++) {
      Digest blob = Digest.ofSha256(new byte[] {(byte) i});
      blobs.add(blob);
      changes.add(
          Tables.BLOBS.put(
              blob, new BlobRecord(4096, cache.now() - blobAges.get(i).ago.toMillis())));
    }
    List<Stored> stored = store(plans, blobs, changes);
    cache.index.apply(changes);

    Set<Stored> kept = kept(stored);
    Set<InRepository<Digest>> links = new HashSet<>();
    for (Stored each : stored) {
      for (Digest name : each.names()) {
        Duration time = each.isHosted() ? Duration.ofDays(1) : MAX_IDLE;
        boolean isNamed =
            kept.stream()
                .anyMatch(
                    other ->
                        other.repository().equals(each.repository())
                            && other.names().contains(name));
        if (blobs.contains(name)
            && (isNamed || !blobAges.get(blobs.indexOf(name)).isOlderThan(time))) {
          links.add(each.repository().with(name));
        }
      }
    }
    Set<Digest> bytes = new HashSet<>();
    for (Digest blob : blobs) {
      if (!blobAges.get(blobs.indexOf(blob)).isOlderThan(MAX_IDLE)
          || kept.stream().anyMatch(each -> each.names().contains(blob))
          || links.stream()
              .anyMatch(
                  link -> link.name().equals(blob) && !link.zone().equals(ZoneName.DOCKER_HUB))) {
        bytes.add(blob);
      }
    }

    // Links wait for their grace, and bytes for the links of hosted repositories.
    for (int i = 0; i < 3; i++) {
      assertThat(sweeper.sweepNow(i, false).outcome()).isEqualTo("done");
      cache.turn(GRACE);
    }
    Set<InRepository<Digest>> manifests = new HashSet<>();
    kept.forEach(each -> manifests.add(each.key()));
    assertThat(keys(Tables.MANIFESTS)).isEqualTo(manifests);
    assertThat(keys(Tables.LINKS)).isEqualTo(links);
    assertThat(keys(Tables.BLOBS)).isEqualTo(bytes);
    Set<InRepository<Tag>> tags = new HashSet<>();
    stored.stream()
        .filter(each -> each.plan().isTagged() && (each.isHosted() || kept.contains(each)))
        .forEach(each -> tags.add(tagOf(each)));
    assertThat(keys(Tables.TAGS)).isEqualTo(tags);
  }

  private static List<Stored> store(List<Plan> plans, List<Digest> blobs, List<Change> changes) {
    List<Stored> all = new ArrayList<>();
    for (Plan plan : plans) {
      RepositoryKey repository = REPOSITORIES.get(plan.repository());
      List<Digest> earlier = all.stream().map(each -> each.manifest().digest()).toList();
      List<Digest> choice = plan.isIndex() ? earlier : blobs;
      List<Digest> names =
          plan.names().stream()
              .filter(ignored -> !choice.isEmpty())
              .map(number -> choice.get(number % choice.size()))
              .distinct()
              .toList();
      Optional<Digest> subject =
          plan.subject()
              .map(
                  number ->
                      number < earlier.size()
                          ? earlier.get(number)
                          : Digest.ofSha256(new byte[] {100}));
      Manifest manifest =
          plan.isIndex() ? Manifests.index(names, subject) : Manifests.image(names, subject);
      Stored stored = new Stored(repository, manifest, names, subject, plan);
      if (all.stream().anyMatch(each -> each.key().equals(stored.key()))) {
        continue;
      }
      all.add(stored);
      changes.add(Tables.MANIFESTS.put(stored.key(), manifest));
      plan.used()
          .ifPresent(
              age ->
                  changes.add(
                      Tables.MANIFEST_USAGE.put(
                          stored.key(), new UsageRecord(cache.now() - age.ago.toMillis(), 1))));
      names.stream()
          .filter(blobs::contains)
          .forEach(
              blob ->
                  changes.add(
                      Tables.LINKS.put(
                          repository.with(blob), new LinkRecord(MediaType.OCTET_STREAM, 4096))));
      if (plan.isTagged()) {
        changes.add(
            Tables.TAGS.put(
                tagOf(stored),
                new TagRecord(
                    manifest.digest(),
                    manifest.mediaType(),
                    manifest.size(),
                    cache.now() - MAX_IDLE.toMillis())));
      }
    }
    return all;
  }

  /** Adds to what stays by itself whatever that reaches, until nothing more is reached. */
  private static Set<Stored> kept(List<Stored> stored) {
    Set<Stored> kept = new HashSet<>();
    Set<InRepository<Digest>> reached = new HashSet<>();
    for (Stored each : stored) {
      if (each.isUsed() || (each.isHosted() && each.plan().isTagged())) {
        kept.add(each);
        reached.add(each.key());
      }
    }
    int before;
    do {
      before = reached.size();
      for (Stored each : stored) {
        if (!each.isHosted()) {
          continue;
        }
        boolean refersToReached =
            each.subject().map(of -> reached.contains(each.repository().with(of))).orElse(false);
        if (refersToReached || reached.contains(each.key())) {
          kept.add(each);
          reached.add(each.key());
          each.names().forEach(name -> reached.add(each.repository().with(name)));
          each.subject().ifPresent(of -> reached.add(each.repository().with(of)));
        }
      }
    } while (reached.size() > before);
    return kept;
  }

  private static InRepository<Tag> tagOf(Stored stored) {
    return stored.repository().with(new Tag("t" + stored.manifest().digest().hex()));
  }

  private static <K> Set<K> keys(Table<K, ?> table) {
    Set<K> keys = new HashSet<>();
    cache.index.scan(table, (key, fact) -> keys.add(key));
    return keys;
  }

  private static void clear() {
    List.of(
            Tables.BLOBS,
            Tables.MANIFESTS,
            Tables.TAGS,
            Tables.LINKS,
            Tables.BLOB_USAGE,
            Tables.MANIFEST_USAGE)
        .forEach(RetentionModelTest::clear);
  }

  private static <K> void clear(Table<K, ?> table) {
    keys(table).forEach(key -> cache.index.apply(List.of(table.delete(key))));
  }

  @Provide
  Arbitrary<List<Plan>> plans() {
    return Combinators.combine(
            Arbitraries.integers().between(0, REPOSITORIES.size() - 1),
            Arbitraries.of(true, false),
            Arbitraries.integers().between(0, 9).list().ofMaxSize(3),
            Arbitraries.integers().between(0, 9).optional(0.3),
            Arbitraries.of(Age.class).optional(0.9),
            Arbitraries.frequencyOf(
                Tuple.of(1, Arbitraries.just(true)), Tuple.of(4, Arbitraries.just(false))))
        .as(Plan::new)
        .list()
        .ofMaxSize(10);
  }

  @Provide
  Arbitrary<List<Age>> ages() {
    return Arbitraries.of(Age.class).list().ofSize(BLOBS);
  }
}
