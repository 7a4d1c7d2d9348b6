/**
 * End-to-end tests of the packaged product: real container clients pull through a Breakwater
 * process from a real registry. Nothing here leaves the loopback interface.
 */
@NullMarked
package dev.breakwater.e2e;

import org.jspecify.annotations.NullMarked;
