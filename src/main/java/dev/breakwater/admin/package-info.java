/** The operator's listener: health, metrics and the admin API. */
@NullMarked
package dev.breakwater.admin;

import org.jspecify.annotations.NullMarked;
