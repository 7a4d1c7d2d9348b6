package dev.breakwater.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the directory of downloads held under its former name is gone on from. */
class FormerDownloadsTest {
  private static final Digest DIGEST = Digest.ofSha256(new byte[1]);
  private static final String PART = DIGEST.hex() + ".part";
  private static final String STATE = DIGEST.hex() + ".json";

  @TempDir Path data;
  private Path former;
  private Path downloads;

  @BeforeEach
  void anOldDirectory() throws IOException {
    former = Files.createDirectory(data.resolve("fills"));
    downloads = data.resolve("downloads");
    write(former, PART, "old bytes");
    write(former, STATE, "old state");
  }

  @Test
  void itIsRenamedAsAWhole() throws IOException {
    Object before = inode(former);
    prepare();
    assertThat(inode(downloads)).isEqualTo(before);
    assertOldDownload();
  }

  @Test
  void itTakesThePlaceOfAnEmptyDirectory() throws IOException {
    Object before = inode(former);
    Files.createDirectory(downloads);
    prepare();
    assertThat(inode(downloads)).isEqualTo(before);
    assertOldDownload();
  }

  @Test
  void itsFilesJoinThoseThatAreThere() throws IOException {
    Files.createDirectory(downloads);
    write(downloads, "other.part", "new bytes");
    prepare();
    assertOldDownload();
    assertThat(downloads.resolve("other.part")).hasContent("new bytes");
  }

  @Test
  void aMoveThatWasCutShortGoesOn() throws IOException {
    Files.createDirectory(downloads);
    Files.move(former.resolve(PART), downloads.resolve(PART));
    prepare();
    assertOldDownload();
  }

  @Test
  void bytesNeverMeetTheStateOfOthers() throws IOException {
    Files.createDirectory(downloads);
    write(downloads, PART, "new bytes");
    write(downloads, STATE, "new state");
    Files.delete(former.resolve(STATE));
    prepare();
    assertThat(downloads.resolve(PART)).hasContent("old bytes");
    assertThat(downloads.resolve(STATE)).doesNotExist();
    assertThat(former).doesNotExist();
  }

  @Test
  void aStateWithoutBytesReplacesNoState() throws IOException {
    Files.createDirectory(downloads);
    write(downloads, PART, "new bytes");
    write(downloads, STATE, "new state");
    Files.delete(former.resolve(PART));
    prepare();
    assertThat(downloads.resolve(PART)).hasContent("new bytes");
    assertThat(downloads.resolve(STATE)).hasContent("new state");
    assertThat(former).doesNotExist();
  }

  private void prepare() throws IOException {
    PartFiles.prepare(new StorageLayout(data));
  }

  private void assertOldDownload() {
    assertThat(downloads.resolve(PART)).hasContent("old bytes");
    assertThat(downloads.resolve(STATE)).hasContent("old state");
    assertThat(former).doesNotExist();
  }

  private static void write(Path directory, String name, String content) throws IOException {
    Files.writeString(directory.resolve(name), content);
  }

  private static Object inode(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }
}
