/** What keeps store and index in order behind the request path's back. */
@NullMarked
package dev.breakwater.gc;

import org.jspecify.annotations.NullMarked;
