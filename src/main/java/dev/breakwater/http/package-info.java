/**
 * The distribution API over HTTP/1.1: front filter, router, one {@link
 * dev.breakwater.http.Endpoint} per resource, one error responder.
 */
@NullMarked
package dev.breakwater.http;

import org.jspecify.annotations.NullMarked;
