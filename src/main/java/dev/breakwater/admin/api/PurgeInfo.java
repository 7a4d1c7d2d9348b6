package dev.breakwater.admin.api;

/**
 * {@code POST /api/purge}.
 *
 * @param purged the repository that will be asked for anew
 */
public record PurgeInfo(String purged) {}
