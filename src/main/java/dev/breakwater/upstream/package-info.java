/**
 * The registry client: challenges, tokens, redirects, time limits and the outcome of every request.
 */
@NullMarked
package dev.breakwater.upstream;

import org.jspecify.annotations.NullMarked;
