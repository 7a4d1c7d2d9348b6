package dev.breakwater.e2e;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.breakwater.e2e.Layers.Layer;
import dev.breakwater.e2e.TestImage.Trait;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The images on the upstream registry, in the shapes that Docker Hub has: a single Docker manifest
 * with a layer over 100 MB, a multi-arch Docker list, an OCI image with zstd layers, and an OCI
 * index in a user's repository. They are made and pushed once for all tests.
 */
final class TestImages {
  private static final String DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
  private static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";
  private static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
  private static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";
  private static final String OCI = "application/vnd.oci.image.manifest.v1+json";
  private static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
  private static final String OCI_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  /** The architecture of this machine, as images name it. */
  static final String HERE = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";

  private static final String ELSEWHERE = HERE.equals("arm64") ? "amd64" : "arm64";

  /** Lazily, because it takes seconds. */
  private static final class Shared {
    static final TestImages INSTANCE = new TestImages();
  }

  /** An image for one platform: its manifest, and the blobs that the manifest names. */
  private record Single(Blob manifest, Blob config, List<Layer> layers) {
    Set<Blob> blobs() {
      Set<Blob> blobs = new LinkedHashSet<>();
      blobs.add(config);
      layers.forEach(layer -> blobs.add(layer.blob()));
      return blobs;
    }
  }

  private final Path directory;
  private final Path storage;
  private final Layers layers;
  private final List<TestImage> all = new ArrayList<>();
  private final Blob largeBlob;

  private TestImages() {
    try (Workspace workspace = new Workspace("push")) {
      directory = Path.of("target", "e2e", "images").toAbsolutePath();
      Command.of("rm", "-rf", directory).run();
      storage = Files.createDirectories(directory.resolve("registry"));
      layers = new Layers(directory);
      SigningKey key = SigningKey.generate(workspace.store("key"));
      try (TokenServer tokens = new TokenServer(key);
          RealRegistry registry = RealRegistry.start(workspace, storage, key, tokens)) {
        largeBlob = push(new ImagePush(registry.uri(), tokens.realm()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The images; made by the first caller, kept for the others. */
  static TestImages shared() {
    return Shared.INSTANCE;
  }

  List<TestImage> all() {
    return List.copyOf(all);
  }

  /** Those that a client can use which lacks {@code missing}. */
  List<TestImage> without(Set<Trait> missing) {
    return all.stream()
        .filter(image -> image.traits().stream().noneMatch(missing::contains))
        .toList();
  }

  /** The image with a layer over 100 MB. */
  TestImage large() {
    return all.getFirst();
  }

  /** The layer over 100 MB. */
  Blob largeBlob() {
    return largeBlob;
  }

  /** The storage directory of the registry that holds them. */
  Path storage() {
    return storage;
  }

  private Blob push(ImagePush push) {
    Path busybox = layers.busybox("common");
    Layer docker = layers.gzip(busybox, DOCKER_LAYER);
    Layer oci = layers.gzip(busybox, OCI_LAYER);
    // Not the common archive: who has unpacked that one would not ask for its other compression.
    Layer zstd = layers.zstd(layers.busybox("zstd"), OCI_ZSTD);
    Layer large = layers.gzip(layers.large(), DOCKER_LAYER);
    single(push, "library/breakwater-large", DOCKER, Set.of(), List.of(docker, large));
    index(push, "library/breakwater-multi", DOCKER_LIST, DOCKER, List.of(docker));
    single(push, "library/breakwater-zstd", OCI, Set.of(Trait.ZSTD), List.of(zstd));
    index(push, "breakwater/app", OCI_INDEX, OCI, List.of(oci));
    return large.blob();
  }

  private void single(
      ImagePush push, String repository, String type, Set<Trait> traits, List<Layer> below) {
    String marker = marker(repository, HERE);
    Single image = image(marker, HERE, type, below);
    push.image(repository, image.blobs(), image.manifest());
    push.tag(repository, image.manifest());
    all.add(
        new TestImage(
            repository,
            ImagePush.TAG,
            image.manifest().digest(),
            image.config().digest(),
            marker,
            digests(image.blobs()),
            digests(image.blobs()),
            1,
            traits));
  }

  private void index(
      ImagePush push, String repository, String type, String childType, List<Layer> below) {
    Single elsewhere = image(marker(repository, ELSEWHERE), ELSEWHERE, childType, below);
    Single here = image(marker(repository, HERE), HERE, childType, below);
    push.image(repository, elsewhere.blobs(), elsewhere.manifest());
    push.image(repository, here.blobs(), here.manifest());
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("schemaVersion", 2);
    index.put("mediaType", type);
    // The other platform first: who takes the first entry for the right one is found out.
    index.put("manifests", List.of(entry(elsewhere, ELSEWHERE), entry(here, HERE)));
    Blob blob = json(type, index);
    push.tag(repository, blob);
    Set<Blob> blobs = new LinkedHashSet<>(elsewhere.blobs());
    blobs.addAll(here.blobs());
    all.add(
        new TestImage(
            repository,
            ImagePush.TAG,
            blob.digest(),
            here.config().digest(),
            marker(repository, HERE),
            digests(here.blobs()),
            digests(blobs),
            3,
            Set.of()));
  }

  private static String marker(String repository, String architecture) {
    return repository.replace('/', '-') + "-on-" + architecture;
  }

  private static Map<String, Object> entry(Single image, String architecture) {
    Map<String, Object> entry = new LinkedHashMap<>(image.manifest().descriptor());
    entry.put("platform", Map.of("os", "linux", "architecture", architecture));
    return entry;
  }

  /** The layers below, and above them one that holds the marker. */
  private Single image(String marker, String architecture, String type, List<Layer> below) {
    boolean docker = type.equals(DOCKER);
    List<Layer> stack = new ArrayList<>(below);
    stack.add(layers.gzip(layers.marker(marker), docker ? DOCKER_LAYER : OCI_LAYER));
    List<String> diffIds = stack.stream().map(Layer::diffId).toList();
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("created", "2026-01-01T00:00:00Z");
    config.put("architecture", architecture);
    config.put("os", "linux");
    config.put(
        "config",
        Map.of("Env", List.of("PATH=/bin"), "Cmd", List.of("/bin/busybox", "cat", "/etc/marker")));
    config.put("rootfs", Map.of("type", "layers", "diff_ids", diffIds));
    config.put(
        "history", diffIds.stream().map(id -> Map.of("created", "2026-01-01T00:00:00Z")).toList());
    Blob configBlob = json(docker ? DOCKER_CONFIG : OCI_CONFIG, config);
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", type);
    manifest.put("config", configBlob.descriptor());
    manifest.put("layers", stack.stream().map(layer -> layer.blob().descriptor()).toList());
    return new Single(json(type, manifest), configBlob, stack);
  }

  private Blob json(String mediaType, Map<String, Object> content) {
    try {
      Path file = Files.createTempFile(directory, "document", ".json");
      Files.write(file, JSON.writeValueAsBytes(content));
      return Blob.of(mediaType, file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> digests(Set<Blob> blobs) {
    Set<String> digests = new LinkedHashSet<>();
    blobs.forEach(blob -> digests.add(blob.digest()));
    return digests;
  }
}
