package dev.breakwater.app;

import java.util.Optional;

/** The version of this build, out of the manifest of its jar. */
public final class Version {
  private Version() {}

  /** The bare version, or a word that says that there is no jar. */
  public static String text() {
    return Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
        .orElse("development build");
  }
}
