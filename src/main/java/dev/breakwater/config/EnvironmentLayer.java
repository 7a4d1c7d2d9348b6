package dev.breakwater.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the {@code BREAKWATER_*} variables: the path of a key in capitals, joined with underscores;
 * positions in lists count from 0; lists of values are separated by commas. An empty variable
 * counts as absent for a single value, since compose files write {@code ${X:-}}, and as the empty
 * list for a list.
 */
final class EnvironmentLayer {
  /** Read by the launcher and by the command line. */
  static final Set<String> NOT_KEYS =
      Set.of("BREAKWATER_JAVA", "BREAKWATER_OPTS", "BREAKWATER_CONFIG");

  private final List<Slot> slots;
  private final UnknownVariable unknown;
  private final Problems problems;
  private final List<String> warnings;
  private final Layer layer = new Layer();

  private EnvironmentLayer(Map<String, String> labels, Problems problems, List<String> warnings) {
    this.slots = slots(labels);
    this.unknown =
        new UnknownVariable(
            slots.stream().map(Slot::example).toList(),
            labels.keySet().stream().map(ConfigKey::environmentSegment).toList());
    this.problems = problems;
    this.warnings = warnings;
  }

  /**
   * What the variables say.
   *
   * @param upstreams the names that the other sources mention: {@code DOCKER_IO} alone does not
   *     tell how the name is written
   * @param problems takes the errors
   * @param warnings takes a line for each variable that is ignored
   */
  static Layer read(
      Map<String, String> environment,
      Collection<String> upstreams,
      Problems problems,
      List<String> warnings) {
    NamedUpstreams named = NamedUpstreams.read(environment, upstreams, problems);
    Map<String, String> labels = new LinkedHashMap<>();
    upstreams.forEach(name -> labels.put(name, name));
    labels.putAll(named.names());
    EnvironmentLayer reader = new EnvironmentLayer(labels, problems, warnings);
    named.names().values().forEach(name -> reader.layer.items.add(Settings.UPSTREAMS.child(name)));
    new TreeMap<>(environment)
        .forEach(
            (name, value) -> {
              if (isKey(name, value) && !named.variables().contains(name)) {
                reader.take(name, value);
              }
            });
    return reader.layer;
  }

  private static boolean isKey(String name, String value) {
    return name.startsWith(ConfigKey.ENVIRONMENT_PREFIX)
        && !NOT_KEYS.contains(name)
        && !ServiceLinks.contains(name, value);
  }

  private void take(String name, String value) {
    List<Slot> matching = slots.stream().filter(slot -> slot.matches(name)).toList();
    if (matching.isEmpty()) {
      if (!value.isEmpty()) {
        unknown.tell(name, problems).ifPresent(warnings::add);
      }
    } else if (matching.size() > 1) {
      problems.add(
          "environment variable "
              + name
              + " could mean "
              + matching.get(0).path(name)
              + " or "
              + matching.get(1).path(name)
              + "; set it in the file instead");
    } else {
      put(name, value, matching.getFirst());
    }
  }

  private void put(String name, String value, Slot slot) {
    ConfigKey.Shape shape = slot.key().shape();
    boolean list = shape == ConfigKey.Shape.LIST || shape == ConfigKey.Shape.WORD_OR_LIST;
    if (shape != ConfigKey.Shape.LIST && value.isEmpty()) {
      return;
    }
    KeyPath path = slot.path(name);
    Setting earlier = layer.settings.get(path);
    if (earlier != null) {
      problems.add(
          earlier.origin().blame(path) + " " + name + " sets the same key " + path + "; keep one");
      return;
    }
    layer.put(
        slot.key(), path, list ? items(value) : List.of(value), new SettingOrigin.Variable(name));
  }

  private static List<String> items(String value) {
    return Arrays.stream(value.split(",", -1))
        .map(String::strip)
        .filter(s -> !s.isEmpty())
        .toList();
  }

  private static List<Slot> slots(Map<String, String> labels) {
    List<Slot> slots = new ArrayList<>();
    for (ConfigKey<?> key : ConfigKeys.ALL) {
      if (key.segments().contains("*")) {
        labels.forEach((label, name) -> slots.add(Slot.of(key, List.of(label), List.of(name))));
      } else {
        slots.add(Slot.of(key, List.of(), List.of()));
      }
    }
    return slots;
  }

  /** A key with its names filled in, and the shape of the variable that sets it. */
  private record Slot(ConfigKey<?> key, List<String> names, Pattern variable, String example) {

    static Slot of(ConfigKey<?> key, List<String> labels, List<String> names) {
      KeyPath first = path(key, labels, "0");
      String example = ConfigKey.environmentName(first);
      int list = key.segments().indexOf("[]");
      if (list < 0) {
        return new Slot(key, names, Pattern.compile(Pattern.quote(example)), example);
      }
      String before = ConfigKey.environmentName(first.first(list)) + "_";
      String after = example.substring(before.length() + 1);
      Pattern variable =
          Pattern.compile(Pattern.quote(before) + "(0|[1-9][0-9]{0,2})" + Pattern.quote(after));
      return new Slot(key, names, variable, example);
    }

    boolean matches(String name) {
      return variable.matcher(name).matches();
    }

    KeyPath path(String name) {
      Matcher matcher = variable.matcher(name);
      String position = matcher.matches() && matcher.groupCount() == 1 ? matcher.group(1) : "0";
      return path(key, names, position);
    }

    private static KeyPath path(ConfigKey<?> key, List<String> names, String position) {
      List<String> holes = new ArrayList<>(names);
      holes.add("[" + position + "]");
      return key.at(holes.toArray(String[]::new));
    }
  }
}
