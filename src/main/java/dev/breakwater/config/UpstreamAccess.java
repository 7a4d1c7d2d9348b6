package dev.breakwater.config;

/**
 * Who may read what an upstream's credentials can read. There is one answer while Breakwater knows
 * no users: all clients. It has to be given in so many words, else a mirror with an account would
 * turn private images into public ones unnoticed.
 */
enum UpstreamAccess {
  ANONYMOUS
}
