package dev.breakwater.oci;

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
      return "no such file or directory";
    }
    String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return Quoted.escape(reason == null ? "input/output error" : reason);
  }

  /**
   * The same of any failure: what the file system said if it is the cause, or else the message,
   * without the names of Java classes.
   */
  public static String of(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException io) {
        return of(io);
      }
    }
    String message = failure.getMessage();
    return message == null
        ? "unknown cause (" + failure.getClass().getSimpleName() + ")"
        : Quoted.escape(message);
  }

  /** What is wrong, with the file if the failure names one: {@code permission denied: /data/x}. */
  public static String withFile(IOException e) {
    return e instanceof FileSystemException file && file.getFile() != null
        ? of(e) + ": " + Quoted.escape(file.getFile())
        : of(e);
  }

  /** Whether the file system is mounted read-only. */
  public static boolean isReadOnly(IOException e) {
    return e instanceof FileSystemException file && READ_ONLY.equals(file.getReason());
  }
}
