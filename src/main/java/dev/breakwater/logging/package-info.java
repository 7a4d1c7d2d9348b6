/** Where log lines go, and what they look like. */
@NullMarked
package dev.breakwater.logging;

import org.jspecify.annotations.NullMarked;
