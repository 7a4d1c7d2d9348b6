/**
 * Benchmarks: programs that answer one question each and print a table, never tests. They use the
 * packaged product and the fixtures of the tests, and nothing but the loopback interface; what they
 * write is below {@code target/bench}.
 */
@NullMarked
package dev.breakwater.bench;

import org.jspecify.annotations.NullMarked;
