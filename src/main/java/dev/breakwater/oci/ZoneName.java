package dev.breakwater.oci;

/**
 * The name of a zone: one upstream registry, or {@code hosted}. Every tag, manifest, link, token
 * and negative entry is keyed by its zone first; only blob bytes are shared across zones.
 *
 * @param value the registry's name as users write it: {@code docker.io}, {@code ghcr.io}
 */
public record ZoneName(String value) implements Comparable<ZoneName> {
  /** Docker Hub. */
  public static final ZoneName DOCKER_HUB = new ZoneName("docker.io");

  /** What was pushed here. */
  public static final ZoneName HOSTED = new ZoneName("hosted");

  /** Checks that the name can stand in a key, a label and a path. */
  public ZoneName {
    if (!value.matches("[a-z0-9]([a-z0-9._:-]{0,253}[a-z0-9])?")) {
      throw new IllegalArgumentException(
          "registry name " + Quoted.of(value) + " is not valid: write a host name in lower case");
    }
  }

  @Override
  public int compareTo(ZoneName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
