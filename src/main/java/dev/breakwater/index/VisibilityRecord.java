package dev.breakwater.index;

import dev.breakwater.oci.Reference;
import java.util.Optional;

/**
 * What upstream said when it was asked without a login for something of a repository.
 *
 * @param isPublic whether it gives the repository to anonymous users
 * @param evidence the manifest by which it last proved to be public, to ask for it again; empty if
 *     there is none
 * @param checkedAt when upstream was asked, in milliseconds since the epoch; 0 if it is to be asked
 *     again before this counts, unless it is unavailable
 */
public record VisibilityRecord(boolean isPublic, Optional<Reference> evidence, long checkedAt) {}
