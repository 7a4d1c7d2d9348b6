/**
 * Fixtures for every fault test: {@link dev.breakwater.testing.FaultyRegistry}, an upstream that
 * misbehaves as told, and {@link dev.breakwater.testing.TestImage}, content to put into it. Plain
 * JDK and {@code oci} only, so that the command line form runs from the two class directories.
 */
@NullMarked
package dev.breakwater.testing;

import org.jspecify.annotations.NullMarked;
