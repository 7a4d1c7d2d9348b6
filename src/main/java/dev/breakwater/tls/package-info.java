/** Certificates and keys in PEM files, as one side of a TLS handshake needs them. */
@NullMarked
package dev.breakwater.tls;

import org.jspecify.annotations.NullMarked;
