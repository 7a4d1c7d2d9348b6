package dev.breakwater.oci;

/**
 * A reference from one piece of content to another (image-spec, descriptor): what it is, its digest
 * and its exact size.
 *
 * @param mediaType what the content is
 * @param digest its digest
 * @param size its length in bytes, never negative
 * @param platform {@code os/architecture[/variant]} as an index states it, or empty
 * @param external whether the content need not be in this registry (foreign layers, {@code urls})
 */
public record Descriptor(
    MediaType mediaType, Digest digest, long size, String platform, boolean external) {}
