package dev.breakwater.gc;

/** Carries an interruption through a visitor, which cannot throw it. */
final class UncheckedInterruptedException extends RuntimeException {
  @java.io.Serial private static final long serialVersionUID = 1L;
  private final InterruptedException interruption;

  UncheckedInterruptedException(InterruptedException interruption) {
    super(null, interruption, false, false);
    this.interruption = interruption;
  }

  InterruptedException interruption() {
    return interruption;
  }
}
