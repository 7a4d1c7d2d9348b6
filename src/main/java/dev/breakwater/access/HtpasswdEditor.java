package dev.breakwater.access;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Changes one entry of an htpasswd file and leaves all other lines as they are. The file is
 * replaced by a rename, so that a reader has the old one or the new one. All methods block.
 */
public final class HtpasswdEditor {
  private static final String OWNER_ONLY = "rw-------";
  private static final String WORKING_COPY = ".new";

  private HtpasswdEditor() {}

  /**
   * Sets a user's hash; makes the file, for its owner only, if there is none.
   *
   * @return whether the user is new
   * @throws java.nio.file.FileAlreadyExistsException if another change is under way, or was
   *     interrupted: the file that it names is its working copy
   */
  public static boolean put(Path file, String user, PasswordHash hash) throws IOException {
    return change(file, user, Optional.of(user + ":" + hash.reveal())) == 0;
  }

  /**
   * Removes a user.
   *
   * @return whether the user was there
   * @throws java.nio.file.FileAlreadyExistsException as {@link #put}
   */
  public static boolean remove(Path file, String user) throws IOException {
    return change(file, user, Optional.empty()) > 0;
  }

  /** The number of lines that the user had; each is replaced or removed. */
  private static int change(Path file, String user, Optional<String> line) throws IOException {
    // A symlink stays one, and what it leads to is changed.
    Path real = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    Path copy = real.resolveSibling(real.getFileName() + WORKING_COPY);
    Files.createFile(
        copy, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
    try {
      // Read after the working copy was made, so that no other change comes between.
      List<String> lines = Files.exists(real) ? lines(real) : new ArrayList<>();
      int before = lines.size();
      int first = firstOf(user, lines);
      lines.removeIf(text -> isOf(user, text));
      int removed = before - lines.size();
      if (line.isPresent()) {
        lines.add(first < 0 ? lines.size() : first, line.get());
      }
      write(copy, String.join("\n", lines) + (lines.isEmpty() ? "" : "\n"));
      if (Files.exists(real)) {
        keepOwner(real, copy);
      }
      Files.move(copy, real, StandardCopyOption.ATOMIC_MOVE);
      return removed;
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  /** Bytes that are no UTF-8 come back as they were. */
  private static List<String> lines(Path file) throws IOException {
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    return new ArrayList<>(
        text.isEmpty() ? List.of() : Arrays.asList(text.replaceFirst("\n\\z", "").split("\n", -1)));
  }

  private static boolean isOf(String user, String line) {
    String name = new String(user.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    return line.strip().startsWith(name + ":");
  }

  private static int firstOf(String user, List<String> lines) {
    for (int i = 0; i < lines.size(); i++) {
      if (isOf(user, lines.get(i))) {
        return i;
      }
    }
    return -1;
  }

  private static void write(Path file, String text) throws IOException {
    Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** A server that runs as another user must still be able to read it. */
  private static void keepOwner(Path from, Path to) throws IOException {
    PosixFileAttributes former = Files.readAttributes(from, PosixFileAttributes.class);
    PosixFileAttributes now = Files.readAttributes(to, PosixFileAttributes.class);
    if (!former.owner().equals(now.owner())) {
      Files.setOwner(to, former.owner());
    }
    if (!former.group().equals(now.group())) {
      Files.setAttribute(to, "posix:group", former.group());
    }
    Files.setPosixFilePermissions(to, former.permissions());
  }
}
