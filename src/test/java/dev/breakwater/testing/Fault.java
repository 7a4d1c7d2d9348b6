package dev.breakwater.testing;

/**
 * A way to spoil an answer, made by {@link Faults} or by hand. Stateless unless it says otherwise;
 * its text is what transcripts show.
 */
@FunctionalInterface
public interface Fault {
  /** Changes the answer that is about to be given to that request. */
  void spoil(SeenRequest request, Answer answer);

  /** This fault and then another one on the same answer. */
  default Fault and(Fault other) {
    Fault first = this;
    return new Fault() {
      @Override
      public void spoil(SeenRequest request, Answer answer) {
        first.spoil(request, answer);
        other.spoil(request, answer);
      }

      @Override
      public String toString() {
        return first + " and " + other;
      }
    };
  }
}
