package dev.breakwater.clientconfig;

import dev.breakwater.oci.Quoted;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The kinds of clients that have a recipe. */
public enum Client {
  DOCKER,
  SWARM,
  CONTAINERD,
  K3S,
  PODMAN,
  CRIO,
  BUILDKIT,
  KIND;

  /** The name that is written on the command line: {@code docker}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** All names, in the order of the documentation. */
  public static List<String> words() {
    return Arrays.stream(values()).map(Client::word).toList();
  }

  /** Throws {@link IllegalArgumentException} that names the known ones. */
  public static Client of(String word) {
    return Arrays.stream(values())
        .filter(client -> client.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "client "
                        + Quoted.of(word)
                        + " is unknown; known are "
                        + String.join(", ", words())));
  }
}
