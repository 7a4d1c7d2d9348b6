package dev.breakwater.gc;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.breakwater.oci.Digest;
import dev.breakwater.storage.CrashPoint;
import dev.breakwater.storage.StorageLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * How far the scrubber has come, as it is kept over restarts. Losing it costs a pass over the store
 * and nothing else.
 *
 * @param doubtedUntil blobs stored until then, in milliseconds since the epoch, were there at an
 *     unclean stop and have not all been hashed since; 0 if there are none
 * @param began when the last pass began, in milliseconds since the epoch; 0 if none ever did
 * @param position the last digest that pass has hashed; empty once it is complete
 */
public record ScrubState(long doubtedUntil, long began, Optional<Digest> position) {
  /** Of a new directory. */
  static final ScrubState NEW = new ScrubState(0, 0, Optional.empty());

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String DOUBTED_UNTIL = "doubtedUntil";
  private static final String BEGAN = "began";
  private static final String POSITION = "position";

  /** What was kept; {@link #NEW} if nothing was, or it cannot be understood. */
  public static ScrubState read(StorageLayout layout) throws IOException {
    try {
      JsonNode root = MAPPER.readTree(Files.readAllBytes(layout.scrubState()));
      return new ScrubState(
          root.path(DOUBTED_UNTIL).asLong(0),
          root.path(BEGAN).asLong(0),
          Digest.tryParse(root.path(POSITION).asText("")));
    } catch (NoSuchFileException | JacksonException e) {
      return NEW;
    }
  }

  /** Where nothing can be kept: all blobs are doubted. */
  public static ScrubState doubtingAll(long now) {
    return NEW.doubting(now);
  }

  /** The same after an unclean stop: all blobs are doubted, and a pass begins from the front. */
  public ScrubState doubting(long now) {
    return new ScrubState(now, began, Optional.empty());
  }

  /** Keeps it. */
  public void write(StorageLayout layout) throws IOException {
    ObjectNode root = MAPPER.createObjectNode();
    root.put(DOUBTED_UNTIL, doubtedUntil);
    root.put(BEGAN, began);
    position.ifPresent(digest -> root.put(POSITION, digest.toString()));
    Path temporary = StorageLayout.temporary(layout.scrubState());
    Files.write(temporary, MAPPER.writeValueAsBytes(root));
    CrashPoint.at("scrub.beforeRename");
    Files.move(temporary, layout.scrubState(), StandardCopyOption.ATOMIC_MOVE);
  }
}
