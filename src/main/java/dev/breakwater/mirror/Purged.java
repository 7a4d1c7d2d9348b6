package dev.breakwater.mirror;

/**
 * What a purge made the mirror forget of one repository.
 *
 * @param tags where they point
 * @param refusals answers of upstream that something is not there or not allowed
 * @param listings lists of tags, and answers that nothing refers to a manifest
 * @param downloads rests of broken downloads, which were deleted
 */
public record Purged(int tags, int refusals, int listings, int downloads) {}
