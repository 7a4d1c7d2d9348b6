package dev.breakwater.bench;

import dev.breakwater.testing.Content;
import dev.breakwater.testing.TestImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** An image as files whose paths are those of the distribution API, for a web server to serve. */
record StaticFiles(Path root, String repository) {
  private static final int PIECE = 1 << 20;

  /** Writes manifest and blobs; the tag is {@code 1}. */
  void write(TestImage image) throws IOException {
    write("manifests/1", image.manifest());
    write("manifests/" + image.digest(), image.manifest());
    for (Content blob : image.blobs().values()) {
      write("blobs/" + blob.digest(), blob);
    }
  }

  private void write(String name, Content content) throws IOException {
    Path file = root.resolve("v2").resolve(repository).resolve(name);
    Files.createDirectories(file.getParent());
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long offset = 0; offset < content.size(); offset += PIECE) {
        out.write(content.bytes(offset, (int) Math.min(PIECE, content.size() - offset)));
      }
    }
  }
}
