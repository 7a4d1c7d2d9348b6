package dev.breakwater.config;

/**
 * A login at an upstream.
 *
 * @param username the user's name; holds no colon, for HTTP Basic could not carry it
 * @param password password or access token
 */
public record AccountConfig(String username, Secret password) {}
