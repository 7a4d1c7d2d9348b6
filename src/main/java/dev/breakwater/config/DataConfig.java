package dev.breakwater.config;

import java.nio.file.Path;

/**
 * Where bytes and facts are kept.
 *
 * @param directory owned by one process at a time; a relative path counts from the working
 *     directory
 */
public record DataConfig(Path directory) {}
