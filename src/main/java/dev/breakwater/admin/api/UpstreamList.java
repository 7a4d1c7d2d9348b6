package dev.breakwater.admin.api;

import java.util.List;

/**
 * {@code GET /api/upstreams}.
 *
 * @param offline whether none is asked at all
 * @param upstreams all, in the order of the configuration
 */
public record UpstreamList(boolean offline, List<UpstreamInfo> upstreams) {}
