package dev.breakwater.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the login at an upstream is fetched from; at most one of both, and not beside accounts.
 *
 * @param dockerConfig a {@code config.json} of docker
 * @param helper what follows {@code docker-credential-} in the name of a program
 * @param refresh after what time a credential helper is asked again
 */
public record CredentialsConfig(
    Optional<Path> dockerConfig, Optional<String> helper, Duration refresh) {}
