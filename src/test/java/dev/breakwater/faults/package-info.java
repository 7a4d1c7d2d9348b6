/**
 * What users get when upstream fails: the whole product in one process, in front of a {@link
 * dev.breakwater.testing.FaultyRegistry}.
 */
package dev.breakwater.faults;
