package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The text of a configuration file.
 *
 * @param name how the user called it; stands in errors
 * @param text YAML
 */
public record ConfigFile(String name, String text) {
  private static final long MAX_BYTES = 1 << 20;

  /** Reads a file of at most 1 MiB, or throws a {@link ConfigException}. Blocks. */
  public static ConfigFile read(Path file) {
    String name = Quoted.escape(file.toString());
    try {
      if (Files.isDirectory(file)) {
        throw new ConfigException("configuration file " + name + " is a directory; name a file");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new ConfigException("configuration file " + name + " is larger than 1 MiB");
      }
      return new ConfigFile(name, Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          "configuration file " + name + " does not exist; give another one with --config", e);
    } catch (AccessDeniedException e) {
      throw new ConfigException(
          "configuration file " + name + " cannot be read: permission denied", e);
    } catch (CharacterCodingException e) {
      throw new ConfigException("configuration file " + name + " is not UTF-8 text", e);
    } catch (IOException e) {
      throw new ConfigException("configuration file " + name + " cannot be read: " + reason(e), e);
    }
  }

  private static String reason(IOException e) {
    String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return reason == null ? "input/output error" : Quoted.escape(reason);
  }
}
