package dev.breakwater.config;

import java.nio.file.Path;

/**
 * A certificate that is shown to an upstream.
 *
 * @param certificate PEM file of the certificate and those that it is signed by
 * @param key PEM file of its private key
 */
public record ClientCertificateConfig(Path certificate, Path key) {}
