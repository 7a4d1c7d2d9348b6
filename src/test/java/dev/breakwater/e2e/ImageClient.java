package dev.breakwater.e2e;

import dev.breakwater.e2e.TestImage.Trait;
import java.util.Set;

/** A container engine or tool that is told to use Breakwater as its mirror of Docker Hub. */
public interface ImageClient extends AutoCloseable {
  /**
   * Pulls the image.
   *
   * @param reference a tag or digest reference as in {@link TestImage#references()}
   * @return what the client says it has got, in the form of {@link #identityOf}
   */
  String pull(String reference);

  /** What {@link #pull} must return for the image: digests that the client has computed itself. */
  String identityOf(TestImage image);

  /** What a container of the pulled image prints. */
  String run(String reference);

  /** Forgets everything that was pulled. */
  void emptyStore();

  /** What this client's version cannot digest; not a matter of the mirror. */
  default Set<Trait> lacks() {
    return Set.of();
  }

  @Override
  void close();
}
