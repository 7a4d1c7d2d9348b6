package dev.breakwater.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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

  private static final Pattern GROUP =
      Pattern.compile(ConfigKey.ENVIRONMENT_PREFIX + "ACCESS_GROUPS_([A-Z0-9][A-Z0-9_]{0,63})");

  private final List<Slot> slots;
  private final UnknownVariable unknown;
  private final Problems problems;
  private final List<String> warnings;
  private final Layer layer = new Layer();

  /**
   * What the other sources mention: {@code DOCKER_IO} alone does not tell how a name is written.
   *
   * @param upstreams the names of upstreams
   * @param groups the names of groups
   */
  record Names(Collection<String> upstreams, Collection<String> groups) {}

  private EnvironmentLayer(
      Map<String, String> labels,
      Collection<String> groups,
      Problems problems,
      List<String> warnings) {
    this.slots = slots(labels, groups);
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
   * @param problems takes the errors
   * @param warnings takes a line for each variable that is ignored
   */
  static Layer read(
      Map<String, String> environment, Names others, Problems problems, List<String> warnings) {
    Collection<String> upstreams = others.upstreams();
    NamedUpstreams named = NamedUpstreams.read(environment, upstreams, problems);
    Map<String, String> labels = new LinkedHashMap<>();
    upstreams.forEach(name -> labels.put(name, name));
    labels.putAll(named.names());
    EnvironmentLayer reader =
        new EnvironmentLayer(labels, groups(environment, others.groups()), problems, warnings);
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

  /** The groups that are known, and those that variables name for the first time. */
  private static Collection<String> groups(
      Map<String, String> environment, Collection<String> known) {
    Set<String> groups = new LinkedHashSet<>(known);
    for (String variable : new TreeSet<>(environment.keySet())) {
      Matcher matcher = GROUP.matcher(variable);
      if (matcher.matches()
          && known.stream()
              .noneMatch(name -> ConfigKey.environmentSegment(name).equals(matcher.group(1)))) {
        groups.add(matcher.group(1).toLowerCase(Locale.ROOT));
      }
    }
    return groups;
  }

  private static List<Slot> slots(Map<String, String> labels, Collection<String> groups) {
    List<Slot> slots = new ArrayList<>();
    for (ConfigKey<?> key : ConfigKeys.ALL) {
      if (key.equals(AccessKeys.GROUP)) {
        groups.forEach(name -> slots.add(Slot.of(key, List.of(name), List.of(name))));
      } else if (key.segments().contains("*")) {
        labels.forEach((label, name) -> slots.add(Slot.of(key, List.of(label), List.of(name))));
      } else {
        slots.add(Slot.of(key, List.of(), List.of()));
      }
    }
    return slots;
  }

  /** A key with its names filled in, and the shape of the variable that sets it. */
  private record Slot(ConfigKey<?> key, List<String> names, Pattern variable, String example) {
    /** Stands for a position; no name has it. */
    private static final String POSITION = "#";

    static Slot of(ConfigKey<?> key, List<String> labels, List<String> names) {
      List<String> first = Collections.nCopies(positions(key), "0");
      String example = ConfigKey.environmentName(path(key, labels, first));
      List<String> marks = Collections.nCopies(positions(key), POSITION);
      String variable = ConfigKey.environmentName(path(key, labels, marks));
      String number = "\\\\E(0|[1-9][0-9]{0,2})\\\\Q";
      return new Slot(
          key,
          names,
          Pattern.compile("\\Q" + variable.replaceAll(POSITION, number) + "\\E"),
          example);
    }

    boolean matches(String name) {
      return variable.matcher(name).matches();
    }

    KeyPath path(String name) {
      Matcher matcher = variable.matcher(name);
      List<String> positions = new ArrayList<>();
      if (matcher.matches()) {
        for (int group = 1; group <= matcher.groupCount(); group++) {
          positions.add(matcher.group(group));
        }
      }
      return path(key, names, positions);
    }

    private static int positions(ConfigKey<?> key) {
      return (int) key.segments().stream().filter("[]"::equals).count();
    }

    /** In every key names stand before positions. */
    private static KeyPath path(ConfigKey<?> key, List<String> names, List<String> positions) {
      List<String> holes = new ArrayList<>(names);
      positions.forEach(position -> holes.add("[" + position + "]"));
      return key.at(holes.toArray(String[]::new));
    }
  }
}
