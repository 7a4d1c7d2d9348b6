package dev.breakwater.upstream;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A login that is written in the configuration.
 *
 * @param login name and password
 * @param passwordFile where the password was read from, to be read again when it changes; empty if
 *     it stands in the configuration itself
 */
public record AccountSettings(Credentials login, Optional<Path> passwordFile) {}
