package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The keys of who may use the admin listener. */
final class AdminKeys {
  static final ConfigKey<List<String>> HOSTS =
      ConfigKey.list(
          "admin.hosts",
          "list of host names",
          "Names by which the admin listener may be asked for, beside IP addresses, localhost, the"
              + " machine's name and the name in admin.address.",
          AdminKeys::host);
  static final ConfigKey<Secret> TOKEN =
      ConfigKey.secret(
          "admin.token",
          "What requests to the admin listener must send, but those for health and metrics."
              + " Better: tokenFile.");
  static final ConfigKey<Path> TOKEN_FILE =
      ConfigKey.optional(
          "admin.tokenFile",
          "path",
          "A file that holds the token; a line break at its end does not count.",
          ConfigKeys::path);
  static final ConfigKey<Boolean> ANONYMOUS =
      ConfigKey.of(
          "admin.anonymous",
          "true | false",
          "false",
          "Ask for no token although other machines can reach the admin listener.",
          ConfigKeys::flag);

  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?");

  private AdminKeys() {}

  private static String host(String text) {
    if (!HOST.matcher(text).matches()) {
      throw new IllegalArgumentException(
          Quoted.of(text)
              + " is not a host name; write it without http:// and port, for example"
              + " mirror.example.com");
    }
    return text.toLowerCase(Locale.ROOT);
  }
}
