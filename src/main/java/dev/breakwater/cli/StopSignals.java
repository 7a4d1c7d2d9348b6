package dev.breakwater.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGTERM and SIGINT: the first one ends the JVM in an orderly way, by its shutdown hooks; a second
 * one ends it at once. Without this the JVM ignores all but the first.
 */
final class StopSignals implements AutoCloseable {
  /*
   * The JDK has no supported API for it. sun.misc.Signal of the module jdk.unsupported is meant for
   * this use and stays (JEP 260), but the compiler warns of it and warnings are errors here; so it is
   * called by reflection. Where it refuses (-Xrs), the JVM's own handling remains.
   */
  private static final Logger log = LoggerFactory.getLogger(StopSignals.class);
  private static final List<String> NAMES = List.of("TERM", "INT");
  private static final long FLUSH_MILLIS = 500;

  /** What the shell adds to the number of the signal that ended a process. */
  private static final int KILLED = 128;

  private final Runnable flush;
  private final AtomicInteger received = new AtomicInteger();
  private final Map<String, Object> before = new HashMap<>();

  private StopSignals(Runnable flush) {
    this.flush = flush;
  }

  /**
   * Takes over both signals of this process, until it is closed.
   *
   * @param flush writes the last log lines; waited for shortly
   */
  static StopSignals install(Runnable flush) {
    StopSignals signals = new StopSignals(flush);
    try {
      Object handler =
          Proxy.newProxyInstance(
              StopSignals.class.getClassLoader(),
              new Class<?>[] {Class.forName("sun.misc.SignalHandler")},
              signals.new Handler());
      for (String name : NAMES) {
        signals.before.put(name, handle(name, handler));
      }
    } catch (ReflectiveOperationException e) {
      log.debug("a second SIGTERM will not end the process at once", e);
    }
    return signals;
  }

  @Override
  public void close() {
    before.forEach(
        (name, handler) -> {
          try {
            handle(name, handler);
          } catch (ReflectiveOperationException e) {
            log.debug("the handler of SIG{} stays", name, e);
          }
        });
  }

  private static Object handle(String name, Object handler) throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    return signal
        .getMethod("handle", signal, Class.forName("sun.misc.SignalHandler"))
        .invoke(null, signal.getConstructor(String.class).newInstance(name), handler);
  }

  /** The JVM calls it on a new thread for each signal. */
  private void received(int number) {
    if (received.getAndIncrement() == 0) {
      System.exit(0);
    }
    log.warn("second signal: ending at once; transfers that are still under way are cut");
    Thread last = Thread.ofPlatform().daemon().start(flush);
    try {
      last.join(FLUSH_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(KILLED + number);
  }

  /** A {@code SignalHandler}, of which only {@code handle} is called by the JVM. */
  private final class Handler implements InvocationHandler {
    @Override
    @SuppressWarnings("ReferenceEquality") // a handler equals itself only
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      return switch (method.getName()) {
        case "handle" -> {
          Object signal = arguments[0];
          received((int) signal.getClass().getMethod("getNumber").invoke(signal));
          yield 0;
        }
        case "equals" -> proxy == arguments[0];
        case "hashCode" -> System.identityHashCode(proxy);
        default -> "stop signals";
      };
    }
  }
}
