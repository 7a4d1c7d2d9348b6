package dev.breakwater.config;

/**
 * The operators' port: health, metrics and the admin API.
 *
 * @param address where to listen; on loopback unless told otherwise, for it asks for no login
 */
public record AdminConfig(ListenAddress address) {}
