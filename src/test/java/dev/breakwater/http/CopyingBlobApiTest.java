package dev.breakwater.http;

class CopyingBlobApiTest extends BlobApiContract {
  @Override
  boolean zeroCopy() {
    return false;
  }
}
