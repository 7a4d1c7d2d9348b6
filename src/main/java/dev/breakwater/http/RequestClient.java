package dev.breakwater.http;

import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * For which client the work at hand is done. It is noted with the request's own Vert.x context, on
 * which all that a request leads to is done. Uses an internal type of Vert.x: public context-local
 * variables have to be declared before the first {@code Vertx} is made, which tests cannot promise.
 */
public final class RequestClient {
  private static final Object KEY = RequestClient.class;

  private RequestClient() {}

  /** The request at hand is this client's. */
  static void note(String address) {
    if (Vertx.currentContext() instanceof ContextInternal context && context.isDuplicate()) {
      context.getLocal(ContextInternal.LOCAL_MAP, ConcurrentHashMap::new).put(KEY, address);
    }
  }

  /** The client's address; empty if the work at hand is not done for one. */
  public static String current() {
    if (Vertx.currentContext() instanceof ContextInternal context && context.isDuplicate()) {
      Map<Object, Object> locals = context.getLocal(ContextInternal.LOCAL_MAP);
      Object address = locals == null ? null : locals.get(KEY);
      return address instanceof String text ? text : "";
    }
    return "";
  }
}
