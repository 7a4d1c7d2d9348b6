package dev.breakwater.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.fuzz.FuzzText;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Names, tags, digests and media types, against the regular expressions of the specification. */
public final class NamesFuzz {
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");
  private static final Pattern DIGEST = Pattern.compile("sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}");
  private static final Pattern ZONE = Pattern.compile("[a-z0-9][a-z0-9._:-]*");

  private NamesFuzz() {}

  /** A text that may be any of them. */
  public static void fuzzerTestOneInput(byte[] input) {
    String text = FuzzText.of(input);
    check(RepositoryName::parse, text, it -> it.length() <= 255 && NAME.matcher(it).matches());
    check(Tag::parse, text, it -> TAG.matcher(it).matches());
    check(Digest::parse, text, it -> DIGEST.matcher(it).matches());
    check(Reference::parse, text, it -> TAG.matcher(it).matches() || DIGEST.matcher(it).matches());
    check(
        ZoneName::new,
        text,
        it -> it.length() <= 255 && ZONE.matcher(it).matches() && it.matches(".*[a-z0-9]"));
    MediaType type = MediaType.parse(text);
    assertThat(MediaType.parse(type.value())).isEqualTo(type);
  }

  private static void check(Function<String, ?> parse, String text, Predicate<String> valid) {
    Object found;
    try {
      found = parse.apply(text);
    } catch (RegistryException | IllegalArgumentException e) {
      assertThat(valid.test(text)).as(text).isFalse();
      assertThat(e).hasMessageMatching("[ -~]{1,2000}");
      return;
    }
    assertThat(valid.test(text)).as(text).isTrue();
    assertThat(found).hasToString(text);
    assertThat(parse.apply(text)).isEqualTo(found).hasSameHashCodeAs(found);
  }
}
