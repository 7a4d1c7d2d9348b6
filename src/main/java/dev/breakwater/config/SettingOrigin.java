package dev.breakwater.config;

/** Where a value was written. */
sealed interface SettingOrigin {
  /** As {@code config print} shows it. */
  String label();

  /** As an error begins; ends in a colon. */
  String blame(KeyPath path);

  /** Not configured: the default. */
  record Default() implements SettingOrigin {
    @Override
    public String label() {
      return "default";
    }

    @Override
    public String blame(KeyPath path) {
      return path + ":";
    }
  }

  /** A line of the file; lines count from 1. */
  record FileLine(String file, int line) implements SettingOrigin {
    @Override
    public String label() {
      return file + " line " + line;
    }

    @Override
    public String blame(KeyPath path) {
      return label() + ": " + path + ":";
    }
  }

  /** An environment variable. */
  record Variable(String name) implements SettingOrigin {
    @Override
    public String label() {
      return name;
    }

    @Override
    public String blame(KeyPath path) {
      return "environment variable " + name + ":";
    }
  }

  /** A flag of the command line. */
  record Flag(String name) implements SettingOrigin {
    @Override
    public String label() {
      return name;
    }

    @Override
    public String blame(KeyPath path) {
      return name + ":";
    }
  }
}
