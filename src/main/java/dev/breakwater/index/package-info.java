/**
 * Facts about what is stored, in RocksDB behind an interface, with an in-memory twin and Caffeine
 * in front.
 */
@NullMarked
package dev.breakwater.index;

import org.jspecify.annotations.NullMarked;
