package dev.breakwater.upstream;

/**
 * What one request is authorized by.
 *
 * @param authorization the header
 * @param isFromCache whether it was here before this call: its refusal says nothing of the content
 */
record Login(Authorization authorization, boolean isFromCache) {}
