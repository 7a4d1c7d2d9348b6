package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RangeRequest;
import java.util.Optional;

/**
 * What a client wants of a blob.
 *
 * @param digest of the blob
 * @param range what of it, or empty for all
 * @param deadline until when the answer must have begun
 */
public record Wanted(Digest digest, Optional<RangeRequest> range, AnswerDeadline deadline) {}
