/**
 * Fuzzing of everything that parses text of clients, registries and operators. A target is a public
 * class that is named {@code *Fuzz}, stands in the package of what it tries, and is listed in
 * {@link dev.breakwater.fuzz.FuzzTargets}.
 */
package dev.breakwater.fuzz;
