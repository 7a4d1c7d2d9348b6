/** The command line. */
@NullMarked
package dev.breakwater.cli;

import org.jspecify.annotations.NullMarked;
