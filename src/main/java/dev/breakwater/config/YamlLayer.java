package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
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
  private final Layer layer = new Layer();

  private YamlLayer(ConfigFile file) {
    this.file = file;
  }

  static Layer read(ConfigFile file) {
    YamlLayer reader = new YamlLayer(file);
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
      throw new ConfigException(
          origin(line).label() + ": not valid YAML: " + Quoted.escape(problem(e)), e);
    } catch (ReaderException e) {
      throw new ConfigException(file.name() + ": not valid YAML: it holds control characters", e);
    } catch (YamlEngineException e) {
      throw new ConfigException(file.name() + ": not valid YAML", e);
    }
  }

  private static String problem(MarkedYamlEngineException e) {
    String problem = Optional.ofNullable(e.getProblem()).orElse("unreadable");
    return problem.contains("undefined alias")
        ? "a value begins with *; put it in quotes"
        : problem;
  }

  private void walk(Node node, List<String> pattern, KeyPath path) {
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

  private void walkList(Node node, List<String> pattern, KeyPath path) {
    List<Node> nodes = sequence(node, path);
    layer.wholeLists.put(path, origin(node));
    for (int i = 0; i < nodes.size(); i++) {
      layer.items.add(path.item(i));
      walk(nodes.get(i), pattern, path.item(i));
    }
  }

  private void walkNames(Node node, List<String> pattern, KeyPath path) {
    for (NodeTuple entry : mapping(node, path)) {
      String name = keyText(entry, path);
      try {
        UpstreamName.parse(name);
      } catch (IllegalArgumentException e) {
        throw refusal(entry.getKeyNode(), path, String.valueOf(e.getMessage()));
      }
      layer.items.add(path.child(name));
      walk(entry.getValueNode(), pattern, path.child(name));
    }
  }

  private void walkKeys(Node node, List<String> pattern, KeyPath path, List<String> known) {
    for (NodeTuple entry : mapping(node, path)) {
      String name = keyText(entry, path);
      if (!known.contains(name)) {
        throw new ConfigException(
            origin(entry.getKeyNode()).label()
                + ": unknown key "
                + Quoted.escape(path.child(name).toString())
                + "; "
                + Suggestion.forKey(name, known));
      }
      walk(entry.getValueNode(), append(pattern, name), path.child(name));
    }
  }

  private List<String> values(Node node, ConfigKey<?> key, KeyPath path) {
    if (key.shape() != ConfigKey.Shape.LIST) {
      return List.of(scalar(node, path));
    }
    List<String> values = new ArrayList<>();
    List<Node> nodes = sequence(node, path);
    for (int i = 0; i < nodes.size(); i++) {
      values.add(scalar(nodes.get(i), path.item(i)));
    }
    return values;
  }

  private String scalar(Node node, KeyPath path) {
    if (!(node instanceof ScalarNode scalar)) {
      throw refusal(node, path, "expected one value");
    }
    if (isNull(scalar)) {
      throw refusal(node, path, "there is no value; write one or remove the key");
    }
    return scalar.getValue();
  }

  private List<Node> sequence(Node node, KeyPath path) {
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    throw refusal(node, path, "expected a list; write [] around the value, or each item after a -");
  }

  /** The entries of a map; a key with nothing behind it is an empty map. */
  private List<NodeTuple> mapping(Node node, KeyPath path) {
    if (node instanceof ScalarNode scalar && isNull(scalar)) {
      return List.of();
    }
    if (!(node instanceof MappingNode mapping)) {
      throw refusal(node, path, "expected keys and values");
    }
    Set<String> seen = new HashSet<>();
    for (NodeTuple entry : mapping.getValue()) {
      if (!seen.add(keyText(entry, path))) {
        throw refusal(
            entry.getKeyNode(),
            path.child(keyText(entry, path)),
            "the key is there twice; remove one");
      }
    }
    return mapping.getValue();
  }

  private String keyText(NodeTuple entry, KeyPath path) {
    if (entry.getKeyNode() instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw refusal(entry.getKeyNode(), path, "a key must be a word");
  }

  private static boolean isNull(ScalarNode scalar) {
    return scalar.isPlain() && NULLS.contains(scalar.getValue());
  }

  private ConfigException refusal(Node node, KeyPath path, String message) {
    String subject = path.length() == 0 ? "" : Quoted.escape(path.toString()) + ": ";
    return new ConfigException(origin(node).label() + ": " + subject + message);
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
}
