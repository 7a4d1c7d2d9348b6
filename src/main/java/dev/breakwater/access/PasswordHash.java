package dev.breakwater.access;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * A bcrypt hash as htpasswd files have it. To compare a password with it takes time on purpose, so
 * never on an event loop. Immutable.
 */
public final class PasswordHash {
  /** The cost of hashes that are made here: some 50 ms. */
  public static final int USUAL_COST = 10;

  /** The least and the most work that a hash may ask for; each step doubles it. */
  public static final int MIN_COST = 4;

  public static final int MAX_COST = 14;

  /** The longest password in bytes that is hashed whole; bcrypt ignores what is beyond. */
  public static final int LONGEST_PASSWORD = 72;

  private static final Pattern BCRYPT =
      Pattern.compile("\\$2[aby]\\$([0-9]{2})\\$[./A-Za-z0-9]{53}");

  /** Of some password. */
  private static final String DUMMY = "$YbCPgGDJ3wZ3hWyVgRyFWudxGzkMtTgHqkOXhVYmQ2ZRcZ4CbGz5K";

  private final String text;
  private final int cost;

  private PasswordHash(String text, int cost) {
    this.text = text;
    this.cost = cost;
  }

  /**
   * Reads a hash.
   *
   * @throws IllegalArgumentException if it is none of bcrypt, with the end of a sentence that does
   *     not quote it
   */
  public static PasswordHash parse(String text) {
    java.util.regex.Matcher matcher = BCRYPT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "is not bcrypt ($2a$, $2b$ or $2y$), so the user cannot log in; make it with: breakwater"
              + " htpasswd, or htpasswd -B");
    }
    int cost = Integer.parseInt(matcher.group(1));
    if (cost < MIN_COST || cost > MAX_COST) {
      throw new IllegalArgumentException(
          "has the cost "
              + cost
              + ", and only "
              + MIN_COST
              + " to "
              + MAX_COST
              + " are used, so the user cannot log in; make it with: breakwater htpasswd");
    }
    return new PasswordHash(text, cost);
  }

  /**
   * Hashes a password with a random salt. Blocks for the time that the cost asks for.
   *
   * @throws IllegalArgumentException if the password is too long
   */
  public static PasswordHash of(byte[] password, int cost) {
    if (password.length > LONGEST_PASSWORD) {
      throw new IllegalArgumentException(
          "the password has more than " + LONGEST_PASSWORD + " bytes, which bcrypt cannot hash");
    }
    byte[] hash =
        BCrypt.with(
                BCrypt.Version.VERSION_2Y,
                new java.security.SecureRandom(),
                LongPasswordStrategies.none())
            .hash(cost, password);
    return parse(new String(hash, StandardCharsets.US_ASCII));
  }

  /** Whether it is the password's. Blocks for the time that the cost asks for. */
  public boolean matches(byte[] password) {
    return matches(password, text);
  }

  private static boolean matches(byte[] password, String hash) {
    return BCrypt.verifyer(null, LongPasswordStrategies.none())
        .verify(password, hash.getBytes(StandardCharsets.US_ASCII))
        .verified;
  }

  /**
   * Takes the time that hashes of these costs take together, from {@code from} on and without
   * {@code to}: after a hash of the cost {@code from} the time is that of one of the cost {@code
   * to}.
   */
  static void work(byte[] password, int from, int to) {
    for (int cost = from; cost < to; cost++) {
      boolean _ = matches(password, "$2a$%02d%s".formatted(cost, DUMMY));
    }
  }

  /** As exponent: one more is twice the work. */
  int cost() {
    return cost;
  }

  /** The hash as it stands in a file; a secret, as weak passwords can be guessed from it. */
  public String reveal() {
    return text;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PasswordHash hash && hash.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return "PasswordHash[cost " + cost + "]";
  }
}
