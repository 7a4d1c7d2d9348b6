package dev.breakwater;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
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
          Map.entry(
              "cli",
              List.of(
                  "access",
                  "app",
                  "admin.api",
                  "clientconfig",
                  "config",
                  "logging",
                  "gc",
                  "index")),
          Map.entry(
              "app",
              List.of(
                  "access",
                  "admin",
                  "clientconfig",
                  "config",
                  "gc",
                  "http",
                  "index",
                  "metrics",
                  "mirror",
                  "registry",
                  "storage",
                  "tls",
                  "upstream")),
          Map.entry("logging", List.of("config")),
          Map.entry("http", List.of("registry", "access", "clientconfig", "metrics", "tls")),
          Map.entry("admin", List.of("metrics")),
          Map.entry("admin.api", List.of()),
          Map.entry(
              "mirror",
              List.of("admin.api", "registry", "upstream", "storage", "index", "metrics")),
          Map.entry(
              "mirror.download",
              List.of("admin.api", "registry", "upstream", "storage", "metrics")),
          Map.entry("gc", List.of("admin.api", "storage", "index", "metrics")),
          Map.entry("access", List.of("registry")),
          Map.entry("registry", List.of()),
          Map.entry("tls", List.of()),
          Map.entry("upstream", List.of("admin.api", "metrics", "tls")),
          Map.entry("index", List.of()),
          Map.entry("storage", List.of()),
          Map.entry("clientconfig", List.of()),
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

  /** What others use of downloads; the records and enums nested in these types belong to them. */
  @ArchTest
  static void fourTypesOfDownloadsArePublic(com.tngtech.archunit.core.domain.JavaClasses all) {
    assertThat(
            all.stream()
                .filter(type -> type.getPackageName().equals(ROOT + ".mirror.download"))
                .filter(type -> type.isTopLevelClass())
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .map(JavaClass::getSimpleName))
        .containsExactlyInAnyOrder(
            "BlobSource", "DownloadException", "DownloadSettings", "Downloads");
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
  static final ArchRule onlyMainIsAtTheRoot =
      classes()
          .that()
          .resideInAPackage(ROOT)
          .should()
          .haveFullyQualifiedName(ROOT + ".Main")
          .orShould()
          .haveSimpleName("package-info");

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

  /** The classes of the command line that load it and hand it on. */
  @ArchTest
  static final ArchRule onlyTheCompositionRootReadsTheWholeConfiguration =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + ".app..", ROOT + ".config..")
          .and(
              not(
                  namedIn(
                      ROOT + ".cli",
                      "ServeCommand",
                      "DataCommand",
                      "DataDirectory",
                      "StartupBanner")))
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName(ROOT + ".config.Config");

  /** Internals change with each release: what needs them is listed, so that updates are cheap. */
  @ArchTest
  static final ArchRule internalsOfNettyAndVertxStayInFewClasses =
      noClasses()
          .that(
              not(
                  namedIn(
                      ROOT + ".http",
                      "ConnectionGuard",
                      "ConnectionIntake",
                      "CopyingSender",
                      "FrontFilter",
                      "HandshakeFailures",
                      "ManifestEndpoint",
                      "ReferrersEndpoint",
                      "RequestClient",
                      "RequestEntry",
                      "ZeroCopySender")))
          .and(not(namedIn(ROOT + ".mirror", "Batch")))
          .and(not(namedIn(ROOT + ".upstream", "TransportFailures")))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.netty..", "io.vertx..impl..", "io.vertx.core.internal..");

  /** Classes with those simple names in a package or below it, and what is nested in them. */
  private static DescribedPredicate<JavaClass> namedIn(String root, String... names) {
    return resideInAPackage(root + "..")
        .and(
            DescribedPredicate.describe(
                "named " + String.join(", ", names),
                type -> {
                  JavaClass outermost = type;
                  while (outermost.getEnclosingClass().isPresent()) {
                    outermost = outermost.getEnclosingClass().get();
                  }
                  return List.of(names).contains(outermost.getSimpleName());
                }));
  }

  /** It does no I/O; a failure of a file is a word like others. */
  @ArchTest
  static final ArchRule theVocabularyIsPure =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".oci..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("io.vertx..", "java.nio.file..", "java.net..")
                  .and(not(assignableTo(Throwable.class)))
                  .or(simpleName("InputStream")));
}
