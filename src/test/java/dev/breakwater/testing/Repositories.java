package dev.breakwater.testing;

import dev.breakwater.oci.Digest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** What the registry holds: repositories with tags, manifests and blobs. Safe for all threads. */
final class Repositories {
  private static final class Repository {
    private final NavigableMap<String, TestImage> tags = new TreeMap<>();
    private final Map<Digest, TestImage> manifests = new HashMap<>();
    private final Map<Digest, Content> blobs = new HashMap<>();
  }

  private final Map<String, Repository> repositories = new HashMap<>();

  /** Whether there is such a repository. */
  synchronized boolean has(String repository) {
    return repositories.containsKey(repository);
  }

  /** Stores an image and all it names, without a tag. */
  synchronized void put(String repository, TestImage image) {
    Repository stored = repositories.computeIfAbsent(repository, name -> new Repository());
    stored.manifests.put(image.digest(), image);
    stored.blobs.putAll(image.blobs());
    image.children().forEach(child -> put(repository, child));
  }

  /** Makes a tag mean an image that is stored. */
  synchronized void tag(String repository, String tag, TestImage image) {
    Repository stored = existing(repository);
    if (!stored.manifests.containsKey(image.digest())) {
      throw new IllegalArgumentException(
          repository + " has no image " + image.digest() + ": put it there first");
    }
    stored.tags.put(tag, image);
  }

  /** Forgets a tag; its image stays. */
  synchronized void deleteTag(String repository, String tag) {
    if (existing(repository).tags.remove(tag) == null) {
      throw new IllegalArgumentException(repository + " has no tag " + tag);
    }
  }

  /** Forgets a manifest and the tags that mean it. */
  synchronized void deleteManifest(String repository, Digest digest) {
    Repository stored = existing(repository);
    if (stored.manifests.remove(digest) == null) {
      throw new IllegalArgumentException(repository + " has no manifest " + digest);
    }
    stored.tags.values().removeIf(image -> image.digest().equals(digest));
  }

  /** Forgets a blob. */
  synchronized void deleteBlob(String repository, Digest digest) {
    if (existing(repository).blobs.remove(digest) == null) {
      throw new IllegalArgumentException(repository + " has no blob " + digest);
    }
  }

  /** Forgets everything of a repository. */
  synchronized void delete(String repository) {
    existing(repository);
    repositories.remove(repository);
  }

  private Repository existing(String repository) {
    Repository stored = repositories.get(repository);
    if (stored == null) {
      throw new IllegalArgumentException("there is no repository " + repository);
    }
    return stored;
  }

  /** The image by tag or digest. */
  synchronized Optional<TestImage> manifest(String repository, String reference) {
    Repository stored = repositories.get(repository);
    if (stored == null) {
      return Optional.empty();
    }
    return Digest.tryParse(reference)
        .map(digest -> Optional.ofNullable(stored.manifests.get(digest)))
        .orElseGet(() -> Optional.ofNullable(stored.tags.get(reference)));
  }

  /** The blob of a repository. */
  synchronized Optional<Content> blob(String repository, String digest) {
    Repository stored = repositories.get(repository);
    return stored == null
        ? Optional.empty()
        : Digest.tryParse(digest).map(parsed -> stored.blobs.get(parsed));
  }

  /** The blob of any repository, as a CDN serves it. */
  synchronized Optional<Content> blob(String digest) {
    return repositories.keySet().stream().flatMap(name -> blob(name, digest).stream()).findFirst();
  }

  /** The tags in their order. */
  synchronized List<String> tags(String repository) {
    return List.copyOf(existing(repository).tags.keySet());
  }

  /** The images that refer to that subject. */
  synchronized List<TestImage> referrers(String repository, String subject) {
    List<TestImage> found = new ArrayList<>();
    for (TestImage image : existing(repository).manifests.values()) {
      if (image.subject().filter(digest -> digest.toString().equals(subject)).isPresent()) {
        found.add(image);
      }
    }
    found.sort(java.util.Comparator.comparing(TestImage::digest));
    return found;
  }
}
