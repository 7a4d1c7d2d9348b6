package dev.breakwater.config;

import java.nio.file.Path;

/**
 * A certificate of a listener.
 *
 * @param certificate PEM file of the certificate and those that it is signed by
 * @param key PEM file of its private key, without a passphrase
 */
public record ListenerCertificateConfig(Path certificate, Path key) {}
