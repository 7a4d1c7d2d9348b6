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
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mark of the one process that may use a data directory: an operating system's lock on the file
 * {@code lock} in it, which ends with the process however that ends. The file holds the process id
 * for the message to the second comer, and the address of the admin listener, with a token of this
 * start if one is needed, for commands that ask the server; only the owner may read it. It stays
 * when the lock goes: removing it would let two processes lock two files of the same name. Who ends
 * in an orderly way empties it, so that the next one knows whether the last was killed.
 */
public final class DataDirectoryLock implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DataDirectoryLock.class);
  private static final String FILE_NAME = "lock";
  private static final int MAX_LENGTH = 512;
  private static final Pattern TEXT =
      Pattern.compile("([0-9]{1,19})\\n(?:admin (\\S+)\\n(?:token (\\S+)\\n)?)?");
  private static final Set<PosixFilePermission> FOR_THE_OWNER =
      PosixFilePermissions.fromString("rw-------");

  private final Path directory;
  private final FileChannel channel;
  private final boolean afterCrash;
  private final boolean writable;
  private boolean settled;

  private DataDirectoryLock(
      Path directory, FileChannel channel, boolean afterCrash, boolean writable) {
    this.directory = directory;
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
      return new DataDirectoryLock(directory, channel, afterCrash, writePid(channel));
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
   * @param token for {@link #adminToken}, if one is needed
   */
  void answersAt(ListenAddress admin, Optional<String> token) {
    if (!writable) {
      return;
    }
    try {
      write(channel, pid() + "admin " + admin + "\n" + tokenLine(token));
    } catch (IOException e) {
      log.warn(
          "the lock file does not take the admin address, so commands need --admin, and --config if"
              + " a token is needed: {}",
          DiskReason.of(e));
    }
  }

  /** Nothing where other users could read it. */
  private String tokenLine(Optional<String> token) {
    if (token.isEmpty()) {
      return "";
    }
    Path file = directory.resolve(FILE_NAME);
    try {
      Files.setPosixFilePermissions(file, FOR_THE_OWNER);
      if (Files.getPosixFilePermissions(file).equals(FOR_THE_OWNER)) {
        return "token " + token.get() + "\n";
      }
      log.warn(
          "the file system of the data directory does not keep other users from the lock file, so"
              + " commands need the token of the configuration: give --config");
    } catch (IOException e) {
      log.warn(
          "the lock file cannot be closed to other users, so commands need the token of the"
              + " configuration, give --config: {}",
          DiskReason.of(e));
    }
    return "";
  }

  /**
   * Where the process that uses the directory answers operators, if it has written that down.
   * Blocks shortly.
   */
  public static Optional<ListenAddress> adminAddress(Path directory) {
    try {
      return note(directory, 2).map(ListenAddress::parse);
    } catch (IllegalArgumentException e) {
      log.debug("the lock file has no address of an admin listener", e);
      return Optional.empty();
    }
  }

  /**
   * The token that it takes there, made anew at each start; empty if it needs none, or has not
   * written it down. Blocks shortly.
   */
  public static Optional<String> adminToken(Path directory) {
    return note(directory, 3);
  }

  private static Optional<String> note(Path directory, int group) {
    try (FileChannel channel =
        FileChannel.open(
            directory.resolve(FILE_NAME), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      Matcher text = TEXT.matcher(read(channel));
      return text.matches() ? Optional.ofNullable(text.group(group)) : Optional.empty();
    } catch (IOException e) {
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
      return Optional.of(new DataDirectoryLock(directory, channel, afterCrash, writePid(channel)));
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
