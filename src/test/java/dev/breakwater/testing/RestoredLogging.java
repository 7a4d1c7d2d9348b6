package dev.breakwater.testing;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Puts the logging of tests back after each test of a class that replaces it, as every command of
 * the product does. Without it all later tests of the process log to the console.
 */
public final class RestoredLogging implements AfterEachCallback {
  @Override
  public void afterEach(ExtensionContext test) throws JoranException {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    new ContextInitializer(context).autoConfig();
    context.start();
  }
}
