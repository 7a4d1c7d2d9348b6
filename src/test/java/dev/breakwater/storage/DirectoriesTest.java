package dev.breakwater.storage;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.Iterator;
import org.junit.jupiter.api.Test;

class DirectoriesTest {
  @Test
  void aDirectoryThatTheDiskStopsGivingFailsAsAnyRead() {
    IOException failure = new IOException("Input/output error");
    DirectoryStream<Path> failing =
        new DirectoryStream<>() {
          @Override
          public Iterator<Path> iterator() {
            throw new DirectoryIteratorException(failure);
          }

          @Override
          public void close() {
            // Nothing is open.
          }
        };
    assertThatThrownBy(() -> Directories.list(failing)).isSameAs(failure);
  }
}
