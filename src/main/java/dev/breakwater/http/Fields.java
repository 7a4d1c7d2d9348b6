package dev.breakwater.http;

import io.vertx.core.http.HttpHeaders;

/** Names and fixed values of header fields, encoded once. */
final class Fields {
  static final CharSequence ACCEPT_RANGES = HttpHeaders.createOptimized("Accept-Ranges");
  static final CharSequence ALLOW = HttpHeaders.createOptimized("Allow");
  static final CharSequence API_VERSION =
      HttpHeaders.createOptimized("Docker-Distribution-API-Version");
  static final CharSequence AUTHORIZATION = HttpHeaders.createOptimized("Authorization");
  static final CharSequence CACHE_CONTROL = HttpHeaders.createOptimized("Cache-Control");
  static final CharSequence CACHE_STATUS = HttpHeaders.createOptimized("Cache-Status");
  static final CharSequence CONNECTION = HttpHeaders.createOptimized("Connection");
  static final CharSequence CONTENT_DIGEST = HttpHeaders.createOptimized("Docker-Content-Digest");
  static final CharSequence CONTENT_LENGTH = HttpHeaders.createOptimized("Content-Length");
  static final CharSequence CONTENT_RANGE = HttpHeaders.createOptimized("Content-Range");
  static final CharSequence CONTENT_TYPE = HttpHeaders.createOptimized("Content-Type");
  static final CharSequence ETAG = HttpHeaders.createOptimized("ETag");
  static final CharSequence EXPECT = HttpHeaders.createOptimized("Expect");
  static final CharSequence FILTERS_APPLIED = HttpHeaders.createOptimized("OCI-Filters-Applied");
  static final CharSequence HOST = HttpHeaders.createOptimized("Host");
  static final CharSequence IF_NONE_MATCH = HttpHeaders.createOptimized("If-None-Match");
  static final CharSequence IF_RANGE = HttpHeaders.createOptimized("If-Range");
  static final CharSequence LINK = HttpHeaders.createOptimized("Link");
  static final CharSequence NAMESPACE = HttpHeaders.createOptimized("OCI-Namespace");
  static final CharSequence NO_SNIFF = HttpHeaders.createOptimized("X-Content-Type-Options");
  static final CharSequence RANGE = HttpHeaders.createOptimized("Range");
  static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("Retry-After");
  static final CharSequence TRANSFER_ENCODING = HttpHeaders.createOptimized("Transfer-Encoding");
  static final CharSequence USER_AGENT = HttpHeaders.createOptimized("User-Agent");
  static final CharSequence WWW_AUTHENTICATE = HttpHeaders.createOptimized("WWW-Authenticate");

  static final CharSequence API_VERSION_2 = HttpHeaders.createOptimized("registry/2.0");
  static final CharSequence BASIC =
      HttpHeaders.createOptimized("Basic realm=\"breakwater\", charset=\"UTF-8\"");
  static final CharSequence BYTES = HttpHeaders.createOptimized("bytes");
  static final CharSequence CLOSE = HttpHeaders.createOptimized("close");
  static final CharSequence IMMUTABLE = HttpHeaders.createOptimized("max-age=31536000");
  static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
  static final CharSequence NOSNIFF = HttpHeaders.createOptimized("nosniff");
  static final CharSequence OCI_INDEX =
      HttpHeaders.createOptimized("application/vnd.oci.image.index.v1+json");
  static final CharSequence OCTET_STREAM = HttpHeaders.createOptimized("application/octet-stream");

  private Fields() {}
}
