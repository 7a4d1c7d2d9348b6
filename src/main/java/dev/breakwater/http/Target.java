package dev.breakwater.http;

import dev.breakwater.oci.DistributionRequest.InRepository;
import dev.breakwater.registry.Repository;

/**
 * What a request asks a repository for.
 *
 * @param resource the resource as it stands in the path
 * @param repository the repository that is meant
 * @param query the request's query
 */
record Target<R extends InRepository>(R resource, Repository repository, Query query) {}
