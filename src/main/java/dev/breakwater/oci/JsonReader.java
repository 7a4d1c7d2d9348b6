package dev.breakwater.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayInputStream;
import java.io.CharArrayReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Reads JSON documents of registries as a stream: the caller keeps what it needs, everything else
 * is skipped without being stored. Nesting, the number of values, and the length of texts are
 * bounded. All methods block for as long as the parsing takes.
 */
public final class JsonReader {
  /** The deepest nesting of objects and arrays. */
  public static final int MAX_DEPTH = 64;

  /**
   * The most tokens (names, values, brackets) of a document. A manifest of 1000 layers with ten
   * annotations each has 30,000, a list of 100,000 tags as many as tags.
   */
  public static final int MAX_TOKENS = 400_000;

  /** The longest text that is kept, in characters. */
  public static final int MAX_TEXT = 1024 * 1024;

  /** The most fields of an object whose fields are read; skipped objects may have more. */
  public static final int MAX_FIELDS = 256;

  /*
   * Names are not canonicalized: the parser would keep every name of the document in a table until
   * the end, which for hostile documents is many times their size.
   */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxTokenCount(MAX_TOKENS)
                  .maxStringLength(MAX_TEXT)
                  .build())
          .build();

  /** What an InputStreamReader allocates; tokens and errors are a few hundred bytes. */
  private static final int STREAM_BUFFER = 8 * 1024;

  /** Takes one field of an object. */
  @FunctionalInterface
  public interface FieldHandler {
    /**
     * Called with the parser at the value's first token; what the handler leaves unread of the
     * value is skipped.
     */
    void field(String name, JsonParser value) throws IOException;
  }

  /** Takes one element of an array. */
  @FunctionalInterface
  public interface ElementHandler {
    /**
     * Called with the parser at the element's first token; what the handler leaves unread of it is
     * skipped.
     */
    void element(JsonParser value) throws IOException;
  }

  private JsonReader() {}

  /**
   * Reads a document that is one object in UTF-8.
   *
   * @throws IOException if it is something else, not well-formed, has a field twice, or exceeds a
   *     limit; the handler may have been called before
   */
  public static void readDocument(byte[] bytes, FieldHandler fields) throws IOException {
    readDocument(decoded(bytes), fields);
  }

  /** The same for a document that is a text already. */
  static void readDocument(Reader text, FieldHandler fields) throws IOException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new JsonParseException(parser, "not an object");
      }
      readObject(parser, fields);
      if (parser.nextToken() != null) {
        throw new JsonParseException(parser, "more than one value");
      }
    }
  }

  /**
   * Reads the fields of the object at whose beginning the parser stands, up to its end.
   *
   * @throws IOException as {@link #readDocument}
   */
  public static void readObject(JsonParser parser, FieldHandler fields) throws IOException {
    Set<String> names = new HashSet<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (!names.add(name)) {
        throw new JsonParseException(parser, "a field is there twice");
      }
      if (names.size() > MAX_FIELDS) {
        throw new JsonParseException(parser, "an object has too many fields");
      }
      parser.nextToken();
      fields.field(name, parser);
      parser.skipChildren();
    }
  }

  /**
   * Reads the elements of the array at whose beginning the parser stands, up to its end.
   *
   * @throws IOException as {@link #readDocument}
   */
  public static void readArray(JsonParser parser, ElementHandler elements) throws IOException {
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.element(parser);
      parser.skipChildren();
    }
  }

  /** The text at which the parser stands; empty if it is a value of another kind. */
  public static Optional<String> text(JsonParser parser) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_STRING
        ? Optional.of(parser.getText())
        : Optional.empty();
  }

  /** The whole number at which the parser stands; empty if it is none or does not fit a long. */
  public static Optional<Long> wholeNumber(JsonParser parser) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
            && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
        ? Optional.of(parser.getLongValue())
        : Optional.empty();
  }

  private static Reader decoded(byte[] bytes) throws CharacterCodingException {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    if (bytes.length > STREAM_BUFFER) {
      return new InputStreamReader(new ByteArrayInputStream(bytes), decoder);
    }
    CharBuffer text = decoder.decode(ByteBuffer.wrap(bytes));
    return new CharArrayReader(text.array(), text.arrayOffset(), text.remaining());
  }
}
