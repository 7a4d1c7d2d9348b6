package dev.breakwater.gc;

/**
 * One thing under the data directory, or in the index, that is not as it should be.
 *
 * @param kind what sort of thing
 * @param subject the file, or the entry of the index
 * @param found what is wrong with it
 */
public record FsckFinding(Kind kind, String subject, String found) {
  /** The sorts, and what is done about each. */
  public enum Kind {
    /** The index names a blob whose file is gone. */
    NO_FILE("no_file", "drop the entry", "dropped the entry"),
    /** A blob's file that the index does not name. */
    NO_ENTRY("no_entry", "add it to the index", "added it to the index"),
    /** A blob's file whose bytes are not the blob. */
    DAMAGED("damaged", "move it to the quarantine", "moved it to the quarantine"),
    /** An entry of the index that gives a sound blob's file another size. */
    WRONG_SIZE("wrong_size", "correct the entry", "corrected the entry"),
    /** A file that the disk does not give. */
    UNREADABLE("unreadable", "check the disk and the file's owner and permissions", ""),
    /** What is left of a download and cannot be resumed. */
    STRAY_DOWNLOAD("stray_download", "remove it", "removed it"),
    /** An index that is missing, damaged or not complete. */
    INDEX("index", "rebuild it from the blobs", "rebuilt it from the blobs"),
    /** What a registry:2 has left in the directory. */
    OLD_REGISTRY(
        "old_registry",
        "delete it when that registry is not needed any more, or give Breakwater another directory"
            + " with --data",
        ""),
    /** A file that is not Breakwater's, or a symbolic link. */
    FOREIGN("foreign", "look what it is and move it away", "");

    private final String label;
    private final String remedy;
    private final String done;

    Kind(String label, String remedy, String done) {
      this.label = label;
      this.remedy = remedy;
      this.done = done;
    }

    /** A word for metrics. */
    public String label() {
      return label;
    }

    /** Whether it can be put right without a human. */
    public boolean isRepairable() {
      return !done.isEmpty();
    }
  }

  /** For a person: the subject, what is wrong, and what to do or what was done about it. */
  public String line(boolean repaired) {
    String end =
        repaired && kind.isRepairable()
            ? kind.done
            : kind.remedy + (kind.isRepairable() ? " (--repair does it)" : "");
    return subject + ": " + found + ": " + end;
  }
}
