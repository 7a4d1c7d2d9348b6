/** Every meter of the product, named and described in one place. */
@NullMarked
package dev.breakwater.metrics;

import org.jspecify.annotations.NullMarked;
