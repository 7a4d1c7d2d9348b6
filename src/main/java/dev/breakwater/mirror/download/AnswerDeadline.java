package dev.breakwater.mirror.download;

import java.time.Duration;

/**
 * Until when a client waits for the head of its answer; containerd gives up after 30 s.
 *
 * @param untilNanos by {@link System#nanoTime}
 */
public record AnswerDeadline(long untilNanos) {
  /** From now on. */
  static AnswerDeadline of(Duration time) {
    return new AnswerDeadline(System.nanoTime() + time.toNanos());
  }

  /** What is left of it, for timers: at least 1. */
  long millisLeft() {
    return Math.max(1, Duration.ofNanos(untilNanos - System.nanoTime()).toMillis());
  }
}
