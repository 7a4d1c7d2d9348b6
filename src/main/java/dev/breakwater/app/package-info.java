/** The composition root: makes all objects out of the configuration and closes them. */
@NullMarked
package dev.breakwater.app;

import org.jspecify.annotations.NullMarked;
