package dev.breakwater.admin.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/gc}.
 *
 * @param running the sweep that runs, or 0
 * @param last the last one that ended since the start; absent before
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SweepStatus(long running, @Nullable SweepInfo last) {}
