package dev.breakwater.fuzz;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * JSON by the grammar of RFC 8259, to compare a reader with: strict, simple, and without limits.
 */
public final class NaiveJson {
  private static final Pattern SPACE = Pattern.compile("[ \t\r\n]*");
  private static final Pattern NUMBER =
      Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?");
  private static final Pattern WORD = Pattern.compile("true|false|null");

  /** Any value. */
  public sealed interface Value {}

  /** Fields in the order written, the same name as often as it is there. */
  public record Fields(List<Field> all) implements Value {
    /** The value of a name; of one that is there twice, the first. */
    public Optional<Value> get(String name) {
      return all.stream().filter(field -> field.name().equals(name)).map(Field::value).findFirst();
    }

    /** Whether a name is there twice. */
    public boolean hasTwins() {
      return all.stream().map(Field::name).distinct().count() < all.size();
    }

    /** The text of a name; empty if it is missing or no text. */
    public Optional<String> text(String name) {
      return get(name)
          .flatMap(value -> value instanceof Text(var text) ? Optional.of(text) : Optional.empty());
    }
  }

  /** A name and its value. */
  public record Field(String name, Value value) {}

  /** An array. */
  public record Items(List<Value> all) implements Value {}

  /** A text. */
  public record Text(String value) implements Value {}

  /** A number as it is written. */
  public record Digits(String text) implements Value {}

  /** {@code true}, {@code false} or {@code null}. */
  public record Word(String value) implements Value {}

  private final String text;
  private int at;
  private int depth;
  private int deepest;

  private NaiveJson(String text) {
    this.text = text;
  }

  /** The one object that a document in UTF-8 is; empty if it is not, or nests deeper than that. */
  public static Optional<Fields> document(byte[] bytes, int depth) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      NaiveJson json = new NaiveJson(text);
      Value value = json.value();
      json.match(SPACE);
      return value instanceof Fields fields && json.at == text.length() && json.deepest <= depth
          ? Optional.of(fields)
          : Optional.empty();
    } catch (CharacterCodingException | IllegalStateException e) {
      return Optional.empty();
    }
  }

  private Value value() {
    match(SPACE);
    char c = at < text.length() ? text.charAt(at) : 0;
    Value value =
        switch (c) {
          case '{' -> fields();
          case '[' -> items();
          case '"' -> new Text(string());
          case 't', 'f', 'n' -> new Word(match(WORD));
          default -> new Digits(match(NUMBER));
        };
    match(SPACE);
    return value;
  }

  private Fields fields() {
    open();
    List<Field> fields = new ArrayList<>();
    match(SPACE);
    if (!skip('}')) {
      do {
        match(SPACE);
        String name = string();
        match(SPACE);
        need(':');
        fields.add(new Field(name, value()));
      } while (skip(','));
      need('}');
    }
    depth--;
    return new Fields(fields);
  }

  private Items items() {
    open();
    List<Value> items = new ArrayList<>();
    match(SPACE);
    if (!skip(']')) {
      do {
        items.add(value());
      } while (skip(','));
      need(']');
    }
    depth--;
    return new Items(items);
  }

  private void open() {
    at++;
    deepest = Math.max(deepest, ++depth);
  }

  private String string() {
    need('"');
    StringBuilder string = new StringBuilder();
    while (!skip('"')) {
      char c = next();
      if (c < ' ') {
        throw new IllegalStateException("a control character");
      }
      string.append(c == '\\' ? escaped() : c);
    }
    return string.toString();
  }

  private char escaped() {
    char c = next();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        String digits = match(Pattern.compile("[0-9A-Fa-f]{4}"));
        yield (char) Integer.parseInt(digits, 16);
      }
      default -> throw new IllegalStateException("an unknown escape");
    };
  }

  private char next() {
    if (at == text.length()) {
      throw new IllegalStateException("the end");
    }
    return text.charAt(at++);
  }

  private boolean skip(char c) {
    boolean there = at < text.length() && text.charAt(at) == c;
    at += there ? 1 : 0;
    return there;
  }

  private void need(char c) {
    if (!skip(c)) {
      throw new IllegalStateException("no " + c);
    }
  }

  private String match(Pattern pattern) {
    Matcher matcher = pattern.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      throw new IllegalStateException("something else");
    }
    at = matcher.end();
    return matcher.group();
  }
}
