/**
 * Who a client is and what it may do: users and their passwords, rules, tokens. Knows nothing of
 * HTTP but the {@code Authorization} field, and nothing of the configuration file.
 */
@NullMarked
package dev.breakwater.access;

import org.jspecify.annotations.NullMarked;
