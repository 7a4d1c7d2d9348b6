/**
 * Bytes on disk: the content-addressed blob store, the writers that hash, and the one class that
 * knows paths.
 */
@NullMarked
package dev.breakwater.storage;

import org.jspecify.annotations.NullMarked;
