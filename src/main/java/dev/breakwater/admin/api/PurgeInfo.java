package dev.breakwater.admin.api;

/**
 * {@code POST /api/purge}: what was forgotten. 404 with an {@link ErrorInfo} if there was nothing.
 *
 * @param purged the repository that will be asked for anew, by the name by which it is kept
 * @param tags tags whose target was forgotten
 * @param refusals answers of upstream that something is not there or not allowed
 * @param listings lists of tags, and answers that nothing refers to a manifest
 * @param downloads unfinished downloads, which were deleted
 */
public record PurgeInfo(String purged, int tags, int refusals, int listings, int downloads) {
  /** Whether there was nothing to forget. */
  public boolean forgotNothing() {
    return tags + refusals + listings + downloads == 0;
  }
}
