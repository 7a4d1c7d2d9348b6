package dev.breakwater.config;

import java.util.List;

/**
 * What is there when nothing is configured: one listener, and the registries that images come from.
 * Values of single keys stand in {@link ConfigKeys}.
 */
final class DefaultLayer {
  private static final String DOCKER_HUB = "docker.io";
  private static final List<String> UPSTREAMS =
      List.of(
          DOCKER_HUB,
          "ghcr.io",
          "quay.io",
          "registry.k8s.io",
          "gcr.io",
          "mcr.microsoft.com",
          "public.ecr.aws");

  private DefaultLayer() {}

  static Layer create() {
    Layer layer = new Layer();
    layer.items.add(Settings.LISTENERS.item(0));
    UPSTREAMS.forEach(name -> layer.items.add(Settings.UPSTREAMS.child(name)));
    layer.put(
        UpstreamKeys.URL,
        UpstreamKeys.URL.at(DOCKER_HUB),
        "https://registry-1.docker.io",
        Settings.DEFAULT);
    layer.put(
        UpstreamKeys.REALMS,
        UpstreamKeys.REALMS.at(DOCKER_HUB),
        "auth.docker.io",
        Settings.DEFAULT);
    return layer;
  }
}
