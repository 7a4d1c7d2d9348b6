package dev.breakwater.admin.api;

import java.util.List;

/**
 * {@code GET /api/du}: what the cache holds, and what it would hold if every repository kept its
 * own copies.
 *
 * @param registries in the order of their names
 * @param blobs how many files there are: one for each digest
 * @param blobBytes their bytes
 * @param logicalBytes what they would be with a copy for each repository that may serve them
 */
public record DiskUsage(List<ZoneUsage> registries, long blobs, long blobBytes, long logicalBytes) {
  /** A list of its own. */
  public DiskUsage {
    registries = List.copyOf(registries);
  }

  /**
   * A zone.
   *
   * @param name its name
   * @param repositories how many of its repositories have blobs here
   * @param links how many blobs its repositories may serve, each counted in each repository
   * @param logicalBytes the bytes of those
   * @param distinctBytes the bytes with each blob counted once in the zone
   */
  public record ZoneUsage(
      String name, long repositories, long links, long logicalBytes, long distinctBytes) {}
}
