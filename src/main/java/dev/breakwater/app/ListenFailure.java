package dev.breakwater.app;

import dev.breakwater.config.ListenAddress;
import dev.breakwater.oci.Quoted;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why the system does not let an address be listened on, and what helps. */
final class ListenFailure {
  private static final int LOWEST_FREE_PORT = 1024;

  /** The system's number of the error, as the native transport tells it. */
  private static final Pattern NUMBER = Pattern.compile("error\\(-(\\d+)\\)");

  private enum Reason {
    DENIED,
    IN_USE,
    NOT_OURS,
    NO_SUCH_NAME,
    OTHER
  }

  private ListenFailure() {}

  /**
   * What stops the start.
   *
   * @param what the listener, as a sentence begins
   * @param flag sets its address
   */
  static StartupException of(String what, ListenAddress address, String flag, Throwable cause) {
    return new StartupException(
        what + " cannot listen on " + address + ": " + explain(address, flag, cause), cause);
  }

  private static String explain(ListenAddress address, String flag, Throwable cause) {
    String text = String.valueOf(cause.getMessage());
    String another = "choose another address with " + flag;
    return switch (reason(text, cause)) {
      case DENIED -> denied(address.port()) + another;
      case IN_USE ->
          "the port is in use by another process ('ss -ltnp sport = :"
              + address.port()
              + "' as root names it); free it or "
              + another;
      case NOT_OURS ->
          "this machine does not have that address ('ip address' lists those it has); " + another;
      case NO_SUCH_NAME ->
          "the name "
              + Quoted.of(address.host())
              + " has no address; write an IP address, or "
              + another;
      case OTHER -> Quoted.escape(text) + "; " + another;
    };
  }

  private static String denied(int port) {
    return port >= LOWEST_FREE_PORT
        ? "permission denied: look for a rule of SELinux, AppArmor or seccomp that forbids it, or "
        : "permission denied for a port below 1024: give the process the capability"
            + " CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE; docker:"
            + " run as root with --cap-add NET_BIND_SERVICE), or run 'sysctl -w"
            + " net.ipv4.ip_unprivileged_port_start="
            + port
            + "', or use a port above 1023: ";
  }

  private static Reason reason(String text, Throwable cause) {
    if (cause instanceof UnknownHostException) {
      return Reason.NO_SUCH_NAME;
    }
    Matcher number = NUMBER.matcher(text);
    return switch (number.find() ? number.group(1) : text) {
      case "1", "13", "Permission denied", "Operation not permitted" -> Reason.DENIED;
      case "98", "Address already in use" -> Reason.IN_USE;
      case "99", "Cannot assign requested address" -> Reason.NOT_OURS;
      default -> Reason.OTHER;
    };
  }
}
