package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.io.Serial;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Reads a YAML file along the table of keys. It works on nodes, not on objects, because nodes know
 * their line: each error says where. Scalars are taken as the text that was written, whatever YAML
 * thinks their type is. Values are never quoted here, for any of them may be a misplaced secret.
 */
final class YamlLayer {
  private static final Set<String> NULLS = Set.of("", "~", "null");

  private final ConfigFile file;
  private final Problems problems;
  private final Layer layer = new Layer();

  private YamlLayer(ConfigFile file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  /** What the file says; errors go to {@code problems}. */
  static Layer read(ConfigFile file, Problems problems) {
    YamlLayer reader = new YamlLayer(file, problems);
    reader.compose().ifPresent(root -> reader.walk(root, List.of(), KeyPath.ROOT));
    return reader.layer;
  }

  private Optional<Node> compose() {
    try {
      LoadSettings settings =
          LoadSettings.builder().setUseMarks(true).setAllowNonScalarKeys(true).build();
      return new Compose(settings).composeString(file.text());
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(YamlLayer::line).orElse(1);
      problems.add(origin(line).label() + ": not valid YAML: " + Quoted.escape(problem(e)));
    } catch (ReaderException e) {
      problems.add(file.name() + ": not valid YAML: it holds control characters");
    } catch (YamlEngineException e) {
      problems.add(file.name() + ": not valid YAML");
    }
    return Optional.empty();
  }

  private static String problem(MarkedYamlEngineException e) {
    String problem = Optional.ofNullable(e.getProblem()).orElse("unreadable");
    return problem.contains("undefined alias")
        ? "a value begins with *; put it in quotes"
        : problem;
  }

  /** Takes one part of the document; an error in it does not keep the others from being read. */
  private void walk(Node node, List<String> pattern, KeyPath path) {
    try {
      take(node, pattern, path);
    } catch (UnreadableException e) {
      problems.add(e.problem);
      layer.unreadable.add(path);
    }
  }

  private void take(Node node, List<String> pattern, KeyPath path) throws UnreadableException {
    Optional<ConfigKey<?>> key = ConfigKeys.find(pattern);
    if (key.isPresent()) {
      layer.put(key.get(), path, values(node, key.get(), path), origin(node));
      return;
    }
    List<String> children = ConfigKeys.childrenOf(pattern);
    switch (children.getFirst()) {
      case "[]" -> walkList(node, append(pattern, "[]"), path);
      case "*" -> walkNames(node, append(pattern, "*"), path);
      default -> walkKeys(node, pattern, path, children);
    }
  }

  private void walkList(Node node, List<String> pattern, KeyPath path) throws UnreadableException {
    List<Node> nodes = sequence(node, path);
    layer.wholeLists.put(path, origin(node));
    for (int i = 0; i < nodes.size(); i++) {
      layer.items.add(path.item(i));
      walk(nodes.get(i), pattern, path.item(i));
    }
  }

  private void walkNames(Node node, List<String> pattern, KeyPath path) throws UnreadableException {
    for (Entry entry : mapping(node, path)) {
      try {
        requireName(path, entry.name());
      } catch (IllegalArgumentException e) {
        problems.add(problem(entry.key(), path, String.valueOf(e.getMessage())));
        continue;
      }
      layer.items.add(path.child(entry.name()));
      walk(entry.value(), pattern, path.child(entry.name()));
    }
  }

  private static void requireName(KeyPath path, String name) {
    if (path.equals(Settings.GROUPS)) {
      AccessKeys.requireGroupName(name);
    } else {
      UpstreamName.parse(name);
    }
  }

  private void walkKeys(Node node, List<String> pattern, KeyPath path, List<String> known)
      throws UnreadableException {
    for (Entry entry : mapping(node, path)) {
      String name = entry.name();
      if (known.contains(name)) {
        walk(entry.value(), append(pattern, name), path.child(name));
      } else {
        problems.add(
            origin(entry.key()).label()
                + ": unknown key "
                + Quoted.escape(path.child(name).toString())
                + "; "
                + Suggestion.forKey(name, known));
        markDoubtful(path);
      }
    }
  }

  /** A misspelt key may be the one that is missing there: that would be the same error again. */
  private void markDoubtful(KeyPath path) {
    if (path.length() > 0) {
      layer.unreadable.add(path);
    }
  }

  private List<String> values(Node node, ConfigKey<?> key, KeyPath path)
      throws UnreadableException {
    switch (key.shape()) {
      case ONE, SECRET -> {
        return List.of(scalar(node, path));
      }
      case WORD_OR_LIST -> {
        if (!(node instanceof SequenceNode)) {
          return List.of(word(node, key, path));
        }
      }
      case LIST -> {}
    }
    List<String> values = new ArrayList<>();
    List<Node> nodes = sequence(node, path);
    for (int i = 0; i < nodes.size(); i++) {
      values.add(scalar(nodes.get(i), path.item(i)));
    }
    return values;
  }

  private String word(Node node, ConfigKey<?> key, KeyPath path) throws UnreadableException {
    String word = scalar(node, path);
    if (!key.words().contains(word)) {
      throw refusal(
          node,
          path,
          Quoted.of(word)
              + " is not one of "
              + String.join(", ", key.words())
              + "; if it is meant as a list, write [] around it");
    }
    return word;
  }

  private String scalar(Node node, KeyPath path) throws UnreadableException {
    if (!(node instanceof ScalarNode scalar)) {
      throw refusal(node, path, "expected one value");
    }
    if (isNull(scalar)) {
      throw refusal(node, path, "there is no value; write one or remove the key");
    }
    return scalar.getValue();
  }

  private List<Node> sequence(Node node, KeyPath path) throws UnreadableException {
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    throw refusal(node, path, "expected a list; write [] around the value, or each item after a -");
  }

  /** A key with what stands behind it. */
  private record Entry(String name, Node key, Node value) {}

  /** The entries of a map; a key with nothing behind it is an empty map. */
  private List<Entry> mapping(Node node, KeyPath path) throws UnreadableException {
    if (node instanceof ScalarNode scalar && isNull(scalar)) {
      return List.of();
    }
    if (!(node instanceof MappingNode mapping)) {
      throw refusal(node, path, "expected keys and values");
    }
    List<Entry> entries = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (NodeTuple entry : mapping.getValue()) {
      Node key = entry.getKeyNode();
      if (!(key instanceof ScalarNode word)) {
        problems.add(problem(key, path, "a key must be a word"));
      } else if (!seen.add(word.getValue())) {
        problems.add(
            problem(key, path.child(word.getValue()), "the key is there twice; remove one"));
      } else {
        entries.add(new Entry(word.getValue(), key, entry.getValueNode()));
      }
    }
    return entries;
  }

  private static boolean isNull(ScalarNode scalar) {
    return scalar.isPlain() && NULLS.contains(scalar.getValue());
  }

  private UnreadableException refusal(Node node, KeyPath path, String message) {
    return new UnreadableException(problem(node, path, message));
  }

  private String problem(Node node, KeyPath path, String message) {
    String subject = path.length() == 0 ? "" : Quoted.escape(path.toString()) + ": ";
    return origin(node).label() + ": " + subject + message;
  }

  private SettingOrigin origin(Node node) {
    return origin(node.getStartMark().map(YamlLayer::line).orElse(1));
  }

  private SettingOrigin origin(int line) {
    return new SettingOrigin.FileLine(file.name(), line);
  }

  private static int line(Mark mark) {
    return mark.getLine() + 1;
  }

  private static List<String> append(List<String> pattern, String segment) {
    return Stream.concat(pattern.stream(), Stream.of(segment)).toList();
  }

  /** A part of the document that has not the shape of its key. */
  private static final class UnreadableException extends Exception {
    @Serial private static final long serialVersionUID = 1L;
    private final String problem;

    UnreadableException(String problem) {
      super(problem, null, false, false);
      this.problem = problem;
    }
  }
}
