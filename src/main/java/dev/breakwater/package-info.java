@NullMarked
package dev.breakwater;

import org.jspecify.annotations.NullMarked;
