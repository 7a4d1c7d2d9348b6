/**
 * What a registry <em>is</em>: small interfaces by ability, and the look-up from a request to its
 * zone. The HTTP side speaks to these only; pull-through and hosted repositories implement them.
 */
@NullMarked
package dev.breakwater.registry;

import org.jspecify.annotations.NullMarked;
