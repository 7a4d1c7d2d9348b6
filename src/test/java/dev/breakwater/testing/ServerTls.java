package dev.breakwater.testing;

import java.io.IOException;
import java.net.Socket;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * How a listener speaks TLS.
 *
 * @param context its certificate, and whom it trusts
 * @param asks whether it asks clients for a certificate
 * @param insists whether it refuses clients without one
 * @param seen the names of the clients that have shown one, in a set for all threads
 */
record ServerTls(SSLContext context, boolean asks, boolean insists, Set<String> seen) {
  /** The server's side of a connection. */
  Socket encrypt(Socket plain) throws IOException {
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, true);
    socket.setUseClientMode(false);
    if (insists) {
      socket.setNeedClientAuth(true);
    } else if (asks) {
      socket.setWantClientAuth(true);
    }
    return socket;
  }
}
