package dev.breakwater;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The arrows of the house plan: who may use whom. */
@AnalyzeClasses(packages = "dev.breakwater", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ROOT = "dev.breakwater";

  /** Package to the packages of ours it may use, beside {@code oci}. */
  private static final Map<String, List<String>> ARROWS =
      Map.ofEntries(
          Map.entry("http", List.of("registry", "access", "metrics")),
          Map.entry("admin", List.of("registry", "gc", "metrics")),
          Map.entry("mirror", List.of("registry", "upstream", "storage", "index", "metrics")),
          Map.entry("gc", List.of("storage", "index", "metrics")),
          Map.entry("registry", List.of()),
          Map.entry("upstream", List.of("metrics")),
          Map.entry("index", List.of()),
          Map.entry("storage", List.of()),
          Map.entry("config", List.of()),
          Map.entry("metrics", List.of()),
          Map.entry("oci", List.of()));

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

  @ArchTest
  static void everyPackageUsesOnlyWhatThePlanAllows(
      com.tngtech.archunit.core.domain.JavaClasses all) {
    ARROWS.forEach(
        (from, to) -> {
          List<String> allowed = new ArrayList<>();
          allowed.add(ROOT + "." + from + "..");
          allowed.add(ROOT + ".oci..");
          to.forEach(name -> allowed.add(ROOT + "." + name + ".."));
          noClasses()
              .that()
              .resideInAPackage(ROOT + "." + from + "..")
              .should()
              .dependOnClassesThat(
                  resideInAPackage(ROOT + "..")
                      .and(not(resideInAnyPackage(allowed.toArray(String[]::new)))))
              .as(from + " uses only " + to + " and oci")
              .allowEmptyShould(true)
              .check(all);
        });
  }

  @ArchTest
  static final ArchRule everyPackageIsInThePlan =
      classes()
          .that()
          .resideInAPackage(ROOT + "..")
          .should()
          .resideInAnyPackage(
              ARROWS.keySet().stream()
                  .map(name -> ROOT + "." + name)
                  .collect(
                      java.util.stream.Collectors.collectingAndThen(
                          java.util.stream.Collectors.toCollection(ArrayList::new),
                          names -> {
                            names.add(ROOT);
                            return names.toArray(String[]::new);
                          })));

  @ArchTest
  static final ArchRule onlyTheIndexKnowsRocksDb =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + ".index..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.rocksdb..");

  @ArchTest
  static final ArchRule onlyTheEdgesSpeakHttp =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + ".http..", ROOT + ".upstream..", ROOT + ".admin..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.vertx.core.http..");

  @ArchTest
  static final ArchRule onlyTheCompositionRootReadsTheConfiguration =
      noClasses()
          .that(
              resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(ROOT, ROOT + ".config.."))))
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOT + ".config..");

  @ArchTest
  static final ArchRule theVocabularyIsPure =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".oci..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("io.vertx..", "java.nio.file..", "java.net..")
                  .or(simpleName("InputStream")));
}
