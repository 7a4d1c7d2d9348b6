package dev.breakwater.http;

class ZeroCopyBlobApiTest extends BlobApiContract {
  @Override
  boolean zeroCopy() {
    return true;
  }
}
