package dev.breakwater;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The version of this build, out of the manifest of its jar. */
final class Version implements IVersionProvider {

  /** The bare version, or a word that says that there is no jar. */
  static String text() {
    return Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
        .orElse("development build");
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "breakwater " + text(), "Java " + Runtime.version() + ", " + System.getProperty("java.vendor")
    };
  }
}
