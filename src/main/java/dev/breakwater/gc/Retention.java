package dev.breakwater.gc;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.ReferrersRecord;
import dev.breakwater.index.Subject;
import dev.breakwater.index.TagRecord;
import dev.breakwater.index.UsageRecord;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Tag;
import java.util.Optional;

/**
 * Decides for one sweep what may be deleted. Mirrored content goes by disuse ({@link IdlePolicy}),
 * hosted content when nothing reaches it ({@link ReachabilityPolicy}); {@link Retentions} chooses
 * by the zone, which is in every key. A blob is shared and may only go if no zone keeps it.
 *
 * <p>Each answer is the reason for a deletion, as the log tells it, or empty if the thing must
 * stay. The sweep asks in this order: all manifests, then tags, referrers, blobs, links. Before it
 * deletes, it asks once more while nothing is put into the index, or under the blob's lock; for
 * entries on another thread, for which it waits. An answer blocks for reads of the index only.
 */
interface Retention {
  /**
   * About a manifest. The one that stays is marked, and keeps what it names.
   *
   * @param usage how it was used; empty if that is not known
   */
  Optional<String> manifest(InRepository<Digest> manifest, Optional<UsageRecord> usage);

  /** About a tag. */
  Optional<String> tag(InRepository<Tag> tag, TagRecord target);

  /** About what is known of the referrers of a manifest. */
  Optional<String> referrers(InRepository<Subject> subject, ReferrersRecord listing);

  /** About a link; it also has its grace before it goes. */
  Optional<String> link(InRepository<Digest> link);

  /**
   * About the bytes of a blob.
   *
   * @param usage how it was used; empty if that is not known
   */
  Optional<String> blob(Digest digest, BlobRecord blob, Optional<UsageRecord> usage);
}
