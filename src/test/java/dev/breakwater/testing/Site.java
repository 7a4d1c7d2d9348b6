package dev.breakwater.testing;

/** What one listener serves: it gives every request the answer of a healthy server. */
interface Site {
  /** The answer; called on many threads. */
  Answer answer(IncomingRequest request, Target target);
}
