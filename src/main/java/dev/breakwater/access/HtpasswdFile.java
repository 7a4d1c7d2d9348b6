package dev.breakwater.access;

import dev.breakwater.oci.DiskReason;
import dev.breakwater.oci.Quoted;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An htpasswd file that is read again when it changes. What is read replaces what was there. Its
 * whole content is compared, so a rename, a symlink that leads elsewhere and a change within one
 * tick of the file system's clock are all seen. Thread-safe; closed by its owner.
 */
public final class HtpasswdFile {
  /** How often it is looked at. */
  public static final Duration INTERVAL = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(HtpasswdFile.class);

  private final Path file;
  private byte[] content;
  private String trouble = "";
  private volatile Htpasswd users;
  private Runnable stop = () -> {};

  private HtpasswdFile(Path file, byte[] content) {
    this.file = file;
    this.content = content;
    this.users = Htpasswd.parse(content);
  }

  /**
   * Reads it and warns of the lines that are skipped. Blocks.
   *
   * @throws IOException if it cannot be read, with a message that names it and says what to do
   */
  public static HtpasswdFile open(Path file) throws IOException {
    try {
      HtpasswdFile opened = new HtpasswdFile(file, read(file));
      opened.warn();
      return opened;
    } catch (IOException e) {
      throw new IOException("the file " + Quoted.of(file.toString()) + " " + reason(e), e);
    }
  }

  private static byte[] read(Path file) throws IOException {
    // A directory, a device or a pipe is refused before it could block.
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException("is not a file");
    }
    try (var in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(Htpasswd.MAX_BYTES + 1);
      if (bytes.length > Htpasswd.MAX_BYTES) {
        throw new IOException("is larger than 1 MiB");
      }
      return bytes;
    }
  }

  private static String reason(IOException failure) {
    return switch (failure) {
      case NoSuchFileException missing -> "does not exist";
      case java.nio.file.FileSystemException system ->
          "cannot be read (" + DiskReason.of(system) + ")";
      default -> String.valueOf(failure.getMessage());
    };
  }

  /** Begins to look for changes, on a thread of its own. */
  public void watch(Vertx vertx) {
    WorkerExecutor worker = vertx.createSharedWorkerExecutor("htpasswd", 1);
    long timer =
        vertx.setPeriodic(
            INTERVAL.toMillis(),
            tick ->
                worker.executeBlocking(
                    () -> {
                      look();
                      return null;
                    }));
    stop =
        () -> {
          vertx.cancelTimer(timer);
          worker.close();
        };
  }

  /** Reads it again if it has changed. Blocks. */
  synchronized void look() {
    byte[] found;
    try {
      found = read(file);
    } catch (IOException e) {
      String reason = reason(e);
      if (!reason.equals(trouble)) {
        trouble = reason;
        LOG.warn("the file {} {}: logins go on with what was read before", file, reason);
      }
      return;
    }
    boolean wasTrouble = !trouble.isEmpty();
    trouble = "";
    if (!Arrays.equals(found, content)) {
      content = found;
      users = Htpasswd.parse(found);
      warn();
      LOG.info("the file {} was read again; users: {}", file, users.hashes().size());
    } else if (wasTrouble) {
      LOG.info("the file {} can be read again; it has not changed", file);
    }
  }

  private void warn() {
    for (String problem : users.problems()) {
      LOG.warn("{}, {}", file, problem);
    }
    if (users.hashes().isEmpty()) {
      LOG.warn("the file {} has no users: no login succeeds", file);
    }
  }

  /** The users that were read last. */
  public Htpasswd users() {
    return users;
  }

  /** Ends looking for changes. */
  public void close() {
    stop.run();
  }
}
