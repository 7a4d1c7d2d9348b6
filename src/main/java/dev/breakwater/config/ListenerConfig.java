package dev.breakwater.config;

/**
 * One port for clients.
 *
 * @param address where to listen
 * @param face what is answered there
 */
public record ListenerConfig(ListenAddress address, Face face) {}
