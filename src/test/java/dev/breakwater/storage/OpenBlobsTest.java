package dev.breakwater.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenBlobsTest {
  private static final Digest DIGEST = Digest.ofSha256(new byte[] {1});

  @TempDir Path data;
  private Path path;
  private OpenBlobs blobs;

  @BeforeEach
  void aStoredBlob() throws IOException {
    StorageLayout layout = new StorageLayout(data);
    path = layout.blob(DIGEST);
    Files.createDirectories(path.getParent());
    Files.writeString(path, "content");
    blobs = new OpenBlobs(layout);
  }

  @Test
  void aFileIsOpenedOnceForAllWhoReadIt() throws IOException {
    BlobFile first = blobs.open(DIGEST);
    assertThat(first.size()).isEqualTo("content".length());
    assertThat(blobs.open(DIGEST)).isSameAs(first);
    assertThat(blobs.lately(DIGEST)).isSameAs(first);
  }

  @Test
  void aFileStaysOpenForThoseWhoComeNext() throws IOException {
    BlobFile file = blobs.open(DIGEST);
    file.release();
    assertThat(file.isClosed()).isFalse();
    assertThat(blobs.lately(DIGEST)).isSameAs(file);
  }

  @Test
  void askingWhetherAFileIsReadClosesOneThatIsOnlyKeptOpen() throws IOException {
    assertThat(blobs.isRead(DIGEST)).as("never opened").isFalse();
    BlobFile file = blobs.open(DIGEST);
    assertThat(blobs.isRead(DIGEST)).as("with a reader").isTrue();
    assertThat(file.isClosed()).isFalse();
    file.release();
    assertThat(file.isClosed()).as("with the last reader").isTrue();
    assertThat(blobs.isRead(DIGEST)).isFalse();
    assertThat(blobs.lately(DIGEST)).isNull();
  }

  @Test
  void aForgottenFileStaysOpenForItsReadersAndIsNotHandedOutAgain() throws IOException {
    BlobFile before = blobs.open(DIGEST);
    assertThat(blobs.forget(DIGEST)).isSameAs(before);
    Files.delete(path);
    Files.writeString(path, "replaced");
    BlobFile after = blobs.open(DIGEST);
    assertThat(after).isNotSameAs(before);
    before.release();
    assertThat(before.isClosed()).isTrue();
    assertThat(blobs.open(DIGEST))
        .as("the end of the former file is not that of the new one")
        .isSameAs(after);
  }

  @Test
  void closingLeavesTheFilesOfReadersOpen() throws IOException {
    BlobFile file = blobs.open(DIGEST);
    blobs.close();
    assertThat(file.isClosed()).isFalse();
    file.release();
    assertThat(file.isClosed()).isTrue();
  }

  @Test
  void aSymbolicLinkIsNoBlob(@TempDir Path elsewhere) throws IOException {
    Path secret = Files.writeString(elsewhere.resolve("secret"), "secret");
    Files.delete(path);
    Files.createSymbolicLink(path, secret);
    assertThatThrownBy(() -> blobs.open(DIGEST)).isInstanceOf(NoSuchFileException.class);
  }
}
