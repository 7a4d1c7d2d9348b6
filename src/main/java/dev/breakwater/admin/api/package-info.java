/**
 * The documents of the admin API, as the server writes them and the command line reads them. The
 * names of the components, and their order, are those of the JSON.
 */
@NullMarked
package dev.breakwater.admin.api;

import org.jspecify.annotations.NullMarked;
