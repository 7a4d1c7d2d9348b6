/**
 * Pull-through: answers from the cache while it may, otherwise asks upstream once and lets all
 * clients share the answer.
 */
@NullMarked
package dev.breakwater.mirror;

import org.jspecify.annotations.NullMarked;
