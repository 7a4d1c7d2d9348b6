package dev.breakwater.admin.api;

import java.util.List;

/**
 * {@code GET /api/downloads}.
 *
 * @param downloads those under way
 */
public record DownloadList(List<DownloadInfo> downloads) {}
