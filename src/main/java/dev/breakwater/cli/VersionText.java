package dev.breakwater.cli;

import dev.breakwater.app.Version;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class VersionText implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "breakwater " + Version.text(),
      "Java " + Runtime.version() + ", " + System.getProperty("java.vendor")
    };
  }
}
