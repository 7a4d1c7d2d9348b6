package dev.breakwater.storage;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A named place in the code where a test may end the process as {@code kill -9} would: {@code
 * -Dbreakwater.failAt=commit.afterRename:3} ends it the third time it comes there. Without the
 * property a call compiles to nothing.
 */
public final class CrashPoint {
  private static final String PROPERTY = System.getProperty("breakwater.failAt", "");
  private static final boolean ARMED = !PROPERTY.isEmpty();
  private static final String NAME = PROPERTY.replaceFirst(":.*", "");
  private static final AtomicInteger LEFT =
      new AtomicInteger(
          PROPERTY.contains(":") ? Integer.parseInt(PROPERTY.replaceFirst(".*:", "")) : 1);
  private static final int KILLED = 137;

  private CrashPoint() {}

  /** The process comes past this place. */
  public static void at(String name) {
    if (ARMED && NAME.equals(name) && LEFT.decrementAndGet() == 0) {
      Runtime.getRuntime().halt(KILLED);
    }
  }
}
