package dev.breakwater.index;

class MemoryIndexTest extends IndexContractTest {
  @Override
  Index open() {
    return new MemoryIndex();
  }
}
