package dev.breakwater.bench;

import dev.breakwater.e2e.Daemon;
import dev.breakwater.e2e.Loopback;
import dev.breakwater.e2e.Workspace;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** nginx as a static file server, with open files cached and without an access log. */
final class Nginx implements AutoCloseable {
  private final URI uri;
  private final Daemon daemon;

  private Nginx(URI uri, Daemon daemon) {
    this.uri = uri;
    this.daemon = daemon;
  }

  /** Serves what is below {@code root}. */
  static Nginx start(Workspace workspace, Path root, String manifestType) {
    URI uri = URI.create("http://" + Loopback.freeAddress());
    Path prefix = workspace.store("nginx");
    Path configuration =
        workspace.file(
            "nginx/nginx.conf",
            """
            daemon off;
            master_process off;
            worker_processes 1;
            pid nginx.pid;
            events { worker_connections 1024; }
            http {
              access_log off;
              sendfile on;
              tcp_nodelay on;
              keepalive_requests 1000000000;
              open_file_cache max=1000 inactive=1h;
              open_file_cache_valid 1h;
              client_body_temp_path body;
              proxy_temp_path proxy;
              fastcgi_temp_path fastcgi;
              uwsgi_temp_path uwsgi;
              scgi_temp_path scgi;
              default_type application/octet-stream;
              server {
                listen %s;
                root "%s";
                location ~ /manifests/ { default_type %s; }
              }
            }
            """
                .formatted(uri.getAuthority(), root, manifestType));
    List<String> words =
        List.of(
            "/usr/sbin/nginx",
            "-e",
            workspace.log("nginx").toString(),
            "-p",
            prefix.toString(),
            "-c",
            configuration.toString());
    Daemon daemon =
        Daemon.start("nginx", workspace.log("nginx"), Map.of(), words)
            .awaitReady(() -> Loopback.answers(uri, 403));
    return new Nginx(uri, daemon);
  }

  URI uri() {
    return uri;
  }

  long pid() {
    return daemon.pid();
  }

  @Override
  public void close() {
    daemon.close();
  }
}
