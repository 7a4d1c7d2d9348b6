package dev.breakwater.app;

import dev.breakwater.oci.Quoted;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why a file could not be read or written, in words for an operator. */
public final class DiskReason {
  private static final String READ_ONLY = "Read-only file system";

  private DiskReason() {}

  /** What is wrong, without the file's name: {@code permission denied}. */
  public static String of(IOException e) {
    if (isReadOnly(e)) {
      return "read-only file system";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "no such directory";
    }
    String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return Quoted.escape(reason == null ? "input/output error" : reason);
  }

  /** What is wrong, with the file if the failure names one: {@code permission denied: /data/x}. */
  public static String withFile(IOException e) {
    return e instanceof FileSystemException file && file.getFile() != null
        ? of(e) + ": " + Quoted.escape(file.getFile())
        : of(e);
  }

  static boolean isReadOnly(IOException e) {
    return e instanceof FileSystemException file && READ_ONLY.equals(file.getReason());
  }
}
