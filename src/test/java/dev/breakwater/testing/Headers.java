package dev.breakwater.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Header fields in their order, repeated ones too; names compare without case. Immutable. */
public final class Headers {
  /** No fields. */
  public static final Headers NONE = new Headers(List.of());

  /**
   * One field.
   *
   * @param name as written
   * @param value without surrounding blanks
   */
  public record Field(String name, String value) {}

  private final List<Field> fields;

  private Headers(List<Field> fields) {
    this.fields = fields;
  }

  /** These fields. */
  static Headers of(List<Field> fields) {
    return new Headers(List.copyOf(fields));
  }

  /** All fields. */
  public List<Field> fields() {
    return fields;
  }

  /** The first value under that name. */
  public Optional<String> first(String name) {
    return fields.stream().filter(f -> f.name.equalsIgnoreCase(name)).map(Field::value).findFirst();
  }

  /** Every value under that name. */
  public List<String> all(String name) {
    return fields.stream().filter(f -> f.name.equalsIgnoreCase(name)).map(Field::value).toList();
  }

  /** Whether there is a field of that name. */
  public boolean has(String name) {
    return first(name).isPresent();
  }

  /** These and one more. */
  Headers plus(String name, String value) {
    List<Field> more = new ArrayList<>(fields);
    more.add(new Field(name, value));
    return of(more);
  }

  /** These without any of that name. */
  Headers without(String name) {
    return of(fields.stream().filter(field -> !field.name.equalsIgnoreCase(name)).toList());
  }

  /** These with that one in place of others of its name. */
  Headers with(String name, String value) {
    return without(name).plus(name, value);
  }

  @Override
  public String toString() {
    return fields.stream().map(f -> f.name + ": " + f.value).collect(Collectors.joining("\n"));
  }
}
