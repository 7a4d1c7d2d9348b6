package dev.breakwater.tls;

/** A file of certificates or keys cannot be used. The message names the file and the remedy. */
public final class UnusableFileException extends Exception {
  private static final long serialVersionUID = 1L;

  UnusableFileException(String message) {
    super(message);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
