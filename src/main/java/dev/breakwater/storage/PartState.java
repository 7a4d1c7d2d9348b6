package dev.breakwater.storage;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The small file beside a part file that says which of its bytes are there. It is a hint: the
 * digest of the whole decides, so a lie in it costs a second download and nothing else. It needs no
 * sync for the same reason.
 */
final class PartState {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String PRESENT = "present";

  private PartState() {}

  /** What the file says; nothing if it is missing or cannot be understood. */
  static PresentRanges read(Path path) throws IOException {
    PresentRanges ranges = new PresentRanges();
    try {
      for (JsonNode run : MAPPER.readTree(Files.readAllBytes(path)).path(PRESENT)) {
        long start = run.path(0).asLong(-1);
        long end = run.path(1).asLong(-1);
        if (start >= 0 && end > start) {
          ranges.add(start, end);
        }
      }
    } catch (NoSuchFileException | JacksonException e) {
      return new PresentRanges();
    }
    return ranges;
  }

  static void write(Path path, PresentRanges ranges) throws IOException {
    ObjectNode root = MAPPER.createObjectNode();
    ArrayNode present = root.putArray(PRESENT);
    for (PresentRanges.Range run : ranges.runs()) {
      present.addArray().add(run.start()).add(run.end());
    }
    Path temporary = StorageLayout.temporary(path);
    Files.write(temporary, MAPPER.writeValueAsBytes(root));
    CrashPoint.at("state.beforeRename");
    Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
  }
}
