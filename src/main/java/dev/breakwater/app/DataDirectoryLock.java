package dev.breakwater.app;

import dev.breakwater.config.ListenAddress;
import dev.breakwater.oci.DiskReason;
import dev.breakwater.oci.Quoted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mark of the one process that may use a data directory: an operating system's lock on the file
 * {@code lock} in it, which ends with the process however that ends. The file holds the process id
 * for the message to the second comer, and the address of the admin listener for commands that ask
 * the server. It stays when the lock goes: removing it would let two processes lock two files of
 * the same name. Who ends in an orderly way empties it, so that the next one knows whether the last
 * was killed.
 */
public final class DataDirectoryLock implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DataDirectoryLock.class);
  private static final String FILE_NAME = "lock";
  private static final int MAX_LENGTH = 512;
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,19})\\n(?:admin (\\S+)\\n)?");

  private final FileChannel channel;
  private final boolean afterCrash;
  private final boolean writable;
  private boolean settled;

  private DataDirectoryLock(FileChannel channel, boolean afterCrash, boolean writable) {
    this.channel = channel;
    this.afterCrash = afterCrash;
    this.writable = writable;
    this.settled = !afterCrash;
  }

  /** Creates the directory (mode 0700) when it is missing, and takes its lock. Blocks shortly. */
  public static DataDirectoryLock acquire(Path directory) throws StartupException {
    create(directory);
    FileChannel channel = open(directory);
    try {
      if (tryLock(channel) == null) {
        throw new StartupException(
            subject(directory)
                + " is in use by "
                + owner(channel)
                + "; stop it or give another one with --data");
      }
      boolean afterCrash = channel.size() > 0;
      return new DataDirectoryLock(channel, afterCrash, writePid(channel));
    } catch (IOException e) {
      close(channel);
      throw unusable(directory, "cannot be locked", e);
    } catch (StartupException e) {
      close(channel);
      throw e;
    }
  }

  /** Whether the last process did not end in an orderly way, and no process noted that since. */
  boolean isAfterCrash() {
    return afterCrash;
  }

  /**
   * Writes down where operators are answered, for {@link #adminAddress}. Blocks shortly.
   *
   * @param admin with the port that is bound
   */
  void answersAt(ListenAddress admin) {
    if (!writable) {
      return;
    }
    try {
      write(channel, pid() + "admin " + admin + "\n");
    } catch (IOException e) {
      log.warn(
          "the lock file does not take the admin address, so commands need --admin: {}",
          DiskReason.of(e));
    }
  }

  /**
   * Where the process that uses the directory answers operators, if it has written that down.
   * Blocks shortly.
   */
  public static Optional<ListenAddress> adminAddress(Path directory) {
    try (FileChannel channel =
        FileChannel.open(
            directory.resolve(FILE_NAME), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      Matcher text = TEXT.matcher(read(channel));
      return text.matches() && text.group(2) != null
          ? Optional.of(ListenAddress.parse(text.group(2)))
          : Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      log.debug("the lock file does not tell where operators are answered", e);
      return Optional.empty();
    }
  }

  /** Says that it has been noted elsewhere what the crash makes necessary. */
  void settled() {
    settled = true;
  }

  /** The same for a directory that must exist; empty if another process uses it. */
  public static Optional<DataDirectoryLock> tryAcquire(Path directory) throws StartupException {
    if (!Files.isDirectory(directory)) {
      throw new StartupException(
          subject(directory) + " does not exist; give the one that 'serve' uses with --data");
    }
    FileChannel channel = open(directory);
    try {
      if (tryLock(channel) == null) {
        close(channel);
        return Optional.empty();
      }
      boolean afterCrash = channel.size() > 0;
      return Optional.of(new DataDirectoryLock(channel, afterCrash, writePid(channel)));
    } catch (IOException e) {
      close(channel);
      throw unusable(directory, "cannot be locked", e);
    }
  }

  /** Lets the next process in; idempotent. */
  @Override
  public void close() {
    if (settled && writable && channel.isOpen()) {
      try {
        channel.truncate(0);
      } catch (IOException e) {
        log.warn("the lock file cannot be emptied, so the next start will look for damage", e);
      }
    }
    close(channel);
  }

  private static void create(Path directory) throws StartupException {
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      throw new StartupException(
          subject(directory) + " is not a directory; give another one with --data", e);
    } catch (IOException e) {
      throw unusable(directory, "cannot be created", e);
    }
  }

  private static FileChannel open(Path directory) throws StartupException {
    Path file = directory.resolve(FILE_NAME);
    try {
      return FileChannel.open(
          file,
          StandardOpenOption.CREATE,
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      return openReadOnly(directory, file, e);
    }
  }

  /** On a file system that takes no writes what is cached can be served all the same. */
  private static FileChannel openReadOnly(Path directory, Path file, IOException refusal)
      throws StartupException {
    if (!DiskReason.isReadOnly(refusal)) {
      throw unusable(directory, "cannot be written to", refusal);
    }
    try {
      return FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      // Nothing is cached there that could be served.
      throw unusable(directory, "cannot be written to", refusal);
    } catch (IOException e) {
      throw unusable(directory, "cannot be written to", e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (NonWritableChannelException e) {
      return channel.tryLock(0, Long.MAX_VALUE, true);
    } catch (OverlappingFileLockException e) {
      return null; // this very process has it
    }
  }

  /** False if nothing can be written. */
  private static boolean writePid(FileChannel channel) throws IOException {
    try {
      channel.truncate(0);
      write(channel, pid());
      return true;
    } catch (NonWritableChannelException e) {
      return false;
    }
  }

  private static String pid() {
    return ProcessHandle.current().pid() + "\n";
  }

  /** In one piece, so that a reader sees it whole. */
  private static void write(FileChannel channel, String text) throws IOException {
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(MAX_LENGTH);
    channel.read(buffer, 0);
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII);
  }

  private static String owner(FileChannel channel) throws IOException {
    Matcher text = TEXT.matcher(read(channel));
    return text.matches() ? "process " + text.group(1) : "another process";
  }

  private static StartupException unusable(Path directory, String problem, IOException e) {
    String remedy =
        DiskReason.isReadOnly(e)
            ? "; mount it read-write or give another one with --data"
            : "; give another one with --data";
    return new StartupException(
        subject(directory) + " " + problem + ": " + DiskReason.of(e) + remedy, e);
  }

  private static String subject(Path directory) {
    return "data directory " + Quoted.escape(directory.toString());
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing was buffered, and the lock is gone with the descriptor either way.
      return;
    }
  }
}
