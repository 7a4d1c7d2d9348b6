package dev.breakwater.admin.api;

/**
 * Why a request was not done.
 *
 * @param error a message for people
 */
public record ErrorInfo(String error) {}
