package dev.breakwater.e2e;

import java.util.Map;
import java.util.regex.Pattern;

/** What programs under test may know of the machine they run on. */
final class Environment {
  private static final Pattern SETTINGS =
      Pattern.compile(
          "(BREAKWATER|REGISTRY|DOCKER|CONTAINERS?|CONTAINERD|STORAGE)_.*|(?i:.*_proxy)");

  private Environment() {}

  /**
   * Takes the machine's own registry settings away, and every way to Docker Hub: clients fall back
   * to it in silence, so a pull that the mirror did not serve must fail, also on a machine with a
   * network. Port 1 of loopback listens nowhere; this machine's own addresses need no proxy.
   */
  static void isolate(Map<String, String> environment) {
    environment.keySet().removeIf(name -> SETTINGS.matcher(name).matches());
    environment.put("HTTPS_PROXY", "http://127.0.0.1:1");
    environment.put("HTTP_PROXY", "http://127.0.0.1:1");
    String own = MachineAddress.find().map(address -> "," + address.getHostAddress()).orElse("");
    environment.put("NO_PROXY", "127.0.0.1" + own);
  }
}
