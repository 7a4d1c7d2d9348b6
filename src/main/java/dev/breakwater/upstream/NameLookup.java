package dev.breakwater.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** All addresses of a host name or address literal. Blocks. */
@FunctionalInterface
interface NameLookup {
  List<InetAddress> lookup(String host) throws UnknownHostException;
}
