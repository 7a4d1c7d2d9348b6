/**
 * The configuration as records with units in their types, read from flags, environment and file.
 */
@NullMarked
package dev.breakwater.config;

import org.jspecify.annotations.NullMarked;
