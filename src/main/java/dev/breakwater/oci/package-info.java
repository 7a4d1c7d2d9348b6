/**
 * The vocabulary of the OCI distribution specification as pure values: parsed once at the edge,
 * then passed around typed. No I/O, no Vert.x, and nothing of ours below it.
 */
@NullMarked
package dev.breakwater.oci;

import org.jspecify.annotations.NullMarked;
