/** What is written into the configuration of clients; text only, no input or output. */
@NullMarked
package dev.breakwater.clientconfig;

import org.jspecify.annotations.NullMarked;
