package dev.breakwater.access;

import dev.breakwater.oci.Action;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Something that a token is asked for or allows: {@code repository:library/redis:pull,push}
 * (distribution, auth/scope).
 *
 * @param type {@code repository}, or {@code registry} for the catalog
 * @param name of which one
 * @param actions what; empty for the catalog
 */
public record Scope(String type, String name, Set<Action> actions) {
  /** To list all repositories. */
  public static final Scope CATALOG = new Scope("registry", "catalog", Set.of());

  private static final String REPOSITORY = "repository";

  public Scope {
    actions = Set.copyOf(actions);
  }

  /** For a repository. */
  public static Scope repository(String name, Set<Action> actions) {
    return new Scope(REPOSITORY, name, actions);
  }

  /** Whether it is about a repository. */
  public boolean isRepository() {
    return type.equals(REPOSITORY);
  }

  /** The scopes in a text, separated by spaces; what is none that is known here is left out. */
  public static List<Scope> parse(String text) {
    List<Scope> scopes = new ArrayList<>();
    for (String word : text.split(" ", -1)) {
      int first = word.indexOf(':');
      int last = word.lastIndexOf(':');
      if (first <= 0 || last == first) {
        continue;
      }
      // A class, as in repository(plugin), makes no difference here.
      String type = word.substring(0, first).replaceFirst("\\([a-z0-9-]*\\)$", "");
      String name = word.substring(first + 1, last);
      if (type.equals(REPOSITORY)) {
        Set<Action> actions = actions(word.substring(last + 1));
        if (!actions.isEmpty()) {
          scopes.add(repository(name, actions));
        }
      } else if (type.equals(CATALOG.type) && name.equals(CATALOG.name)) {
        scopes.add(CATALOG);
      }
    }
    return scopes;
  }

  private static Set<Action> actions(String text) {
    Set<Action> actions = EnumSet.noneOf(Action.class);
    for (String word : text.split(",", -1)) {
      Arrays.stream(Action.values())
          .filter(action -> action.word().equals(word) || word.equals("*"))
          .forEach(actions::add);
    }
    return actions;
  }

  /** As {@link #parse} reads it. */
  public static String text(List<Scope> scopes) {
    return scopes.stream().map(Scope::toString).collect(Collectors.joining(" "));
  }

  @Override
  public String toString() {
    return type
        + ":"
        + name
        + ":"
        + (isRepository()
            ? actions.stream().sorted().map(Action::word).collect(Collectors.joining(","))
            : "*");
  }
}
