package dev.breakwater.oci;

/**
 * The path of a request under {@code /v2/}, parsed once into a value. The path is read from its
 * right-hand end, because a repository's own components may be called {@code manifests}, {@code
 * blobs} or {@code tags}; it is matched raw, without percent-decoding, so that there is one
 * spelling of everything.
 *
 * @param prefix the one path segment before {@code /v2}, as in {@code /ghcr.io/v2/…} (dockerd and
 *     containerd mirrors with a path), or empty
 * @param resource what is asked for
 */
public record DistributionRequest(String prefix, Resource resource) {

  /** One resource of the distribution API (the table of distribution-spec, Endpoints). */
  public sealed interface Resource {}

  /** {@code /v2/} (end-1). */
  public record Base() implements Resource {}

  /** {@code /v2/_catalog}; not in the specification. */
  public record Catalog() implements Resource {}

  /** A resource within a repository. */
  public sealed interface InRepository extends Resource {
    /** The repository's name as it stands in the path. */
    RepositoryName name();
  }

  /** {@code /v2/<name>/manifests/<reference>} (end-3, 7, 9). */
  public record ManifestResource(RepositoryName name, Reference reference)
      implements InRepository {}

  /** {@code /v2/<name>/blobs/<digest>} (end-2, 10). */
  public record BlobResource(RepositoryName name, Digest digest) implements InRepository {}

  /** {@code /v2/<name>/tags/list} (end-8). */
  public record TagListResource(RepositoryName name) implements InRepository {}

  /** {@code /v2/<name>/referrers/<digest>} (end-12). */
  public record ReferrersResource(RepositoryName name, Digest digest) implements InRepository {}

  /** {@code /v2/<name>/blobs/uploads/} (end-4, 11). */
  public record UploadsResource(RepositoryName name) implements InRepository {}

  /** {@code /v2/<name>/blobs/uploads/<id>} (end-5, 6, 13, 14). */
  public record UploadResource(RepositoryName name, String id) implements InRepository {}

  private static final String ROOT = "/v2";
  private static final Base BASE = new Base();
  private static final int MAX_UPLOAD_ID = 128;

  /**
   * Reads a raw request path, without its query.
   *
   * @throws RegistryException {@code PATH_UNKNOWN} if the path is none of this API's, or the code
   *     of the name, tag or digest in it that breaks its grammar
   */
  public static DistributionRequest parse(String path) {
    if (path.startsWith(ROOT) && (path.length() == 3 || path.charAt(3) == '/')) {
      return new DistributionRequest("", resource(path, ROOT.length()));
    }
    int root = path.indexOf("/", 1);
    if (root > 1
        && path.startsWith(ROOT, root)
        && (path.length() == root + 3 || path.charAt(root + 3) == '/')
        && isPrefix(path, root)) {
      return new DistributionRequest(path.substring(1, root), resource(path, root + 3));
    }
    throw unknown(path);
  }

  private static boolean isPrefix(String path, int end) {
    for (int i = 1; i < end; i++) {
      char c = path.charAt(i);
      if (!Grammar.isLowerAlphanumeric(c) && c != '.' && c != '-' && c != '_') {
        return false;
      }
    }
    return true;
  }

  /** Parses what follows {@code /v2}; {@code start} is the index after it. */
  private static Resource resource(String path, int start) {
    if (path.length() <= start + 1) {
      return BASE;
    }
    if (path.startsWith("/_catalog", start) && path.length() == start + 9) {
      return new Catalog();
    }
    int lastSlash = path.lastIndexOf('/');
    int parentSlash = path.lastIndexOf('/', lastSlash - 1);
    if (parentSlash <= start) {
      throw unknown(path);
    }
    String last = path.substring(lastSlash + 1);
    String parent = path.substring(parentSlash + 1, lastSlash);
    return switch (parent) {
      case "manifests" -> new ManifestResource(name(path, start, parentSlash), reference(last));
      case "blobs" ->
          last.equals("uploads")
              ? new UploadsResource(name(path, start, parentSlash))
              : new BlobResource(name(path, start, parentSlash), Digest.parse(last));
      case "referrers" -> new ReferrersResource(name(path, start, parentSlash), Digest.parse(last));
      case "tags" -> {
        if (!last.equals("list")) {
          throw unknown(path);
        }
        yield new TagListResource(name(path, start, parentSlash));
      }
      case "uploads" -> upload(path, start, parentSlash, last);
      default -> throw unknown(path);
    };
  }

  private static Resource upload(String path, int start, int uploadsSlash, String id) {
    int blobsSlash = path.lastIndexOf('/', uploadsSlash - 1);
    if (blobsSlash <= start || !path.startsWith("/blobs/", blobsSlash)) {
      throw unknown(path);
    }
    RepositoryName name = name(path, start, blobsSlash);
    if (id.isEmpty()) {
      return new UploadsResource(name);
    }
    if (!isUploadId(id)) {
      throw new RegistryException(
          ErrorCode.BLOB_UPLOAD_UNKNOWN, "upload " + Quoted.of(id) + " is not known");
    }
    return new UploadResource(name, id);
  }

  private static boolean isUploadId(String id) {
    return id.length() <= MAX_UPLOAD_ID
        && id.chars()
            .allMatch(c -> Grammar.isAlphanumeric((char) c) || c == '-' || c == '_' || c == '.');
  }

  private static RepositoryName name(String path, int start, int end) {
    return RepositoryName.parse(path.substring(start + 1, end));
  }

  /**
   * The conformance suite asks for {@code manifests/.INVALID_MANIFEST_NAME} and wants 404: a tag
   * that cannot exist is a manifest that is not there.
   */
  private static Reference reference(String text) {
    if (text.indexOf(':') < 0 && !Tag.isValid(text)) {
      throw new RegistryException(
          ErrorCode.MANIFEST_UNKNOWN, "manifest " + Quoted.of(text) + " cannot exist: not a tag");
    }
    return Reference.parse(text);
  }

  private static RegistryException unknown(String path) {
    return new RegistryException(
        ErrorCode.PATH_UNKNOWN,
        "path "
            + Quoted.of(path)
            + " is not part of this API: expected /v2/, /v2/<name>/manifests/<tag or digest>,"
            + " /v2/<name>/blobs/<digest>, /v2/<name>/tags/list or /v2/<name>/referrers/<digest>");
  }
}
