package dev.breakwater.bench;

/**
 * A blob of a registry.
 *
 * @param repository where it is
 * @param digest {@code sha256:…}
 * @param size in bytes
 */
record Blob(String repository, String digest, long size) {
  String path() {
    return "/v2/" + repository + "/blobs/" + digest;
  }
}
