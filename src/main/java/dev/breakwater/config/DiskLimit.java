package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A part of a disk: a share of the volume, or an amount of bytes. */
public sealed interface DiskLimit {

  /** The limit in bytes on a volume of that many bytes. */
  long bytesOf(long volumeBytes);

  /** Whether it leaves nothing on any volume. */
  boolean isZero();

  /**
   * A share of the volume.
   *
   * @param percent 0 to 100
   */
  record Share(int percent) implements DiskLimit {
    /** Checks the range. */
    public Share {
      if (percent < 0 || percent > 100) {
        throw new IllegalArgumentException(percent + "% is not between 0% and 100%");
      }
    }

    @Override
    public long bytesOf(long volumeBytes) {
      return volumeBytes / 100 * percent + volumeBytes % 100 * percent / 100;
    }

    @Override
    public boolean isZero() {
      return percent == 0;
    }

    @Override
    public String toString() {
      return percent + "%";
    }
  }

  /**
   * An amount, whatever the volume holds.
   *
   * @param size how much
   */
  record Amount(ByteSize size) implements DiskLimit {
    @Override
    public long bytesOf(long volumeBytes) {
      return size.bytes();
    }

    @Override
    public boolean isZero() {
      return size.bytes() == 0;
    }

    @Override
    public String toString() {
      return size.toString();
    }
  }

  /** Reads {@code 80%} or {@code 50GiB}. */
  static DiskLimit parse(String text) {
    Matcher share = Pattern.compile("([0-9]{1,3})%").matcher(text);
    if (share.matches()) {
      return new Share(Integer.parseInt(share.group(1)));
    }
    if (!text.matches("[0-9].*[A-Za-z]")) {
      throw new IllegalArgumentException(
          Quoted.of(text)
              + " is neither a size nor a share of the volume; write for example 50GiB or 80%");
    }
    return new Amount(ByteSize.parse(text));
  }

  /** The same for a limit under which something must fit. */
  static DiskLimit parseAboveZero(String text) {
    DiskLimit limit = parse(text);
    if (limit.isZero()) {
      throw new IllegalArgumentException(Quoted.of(text) + " leaves no room; write more than zero");
    }
    return limit;
  }
}
