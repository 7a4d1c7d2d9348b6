package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DiskReason;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.PartFile;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes downloads, and has what they share: the disk's threads and its budget, memory, the
 * transfers from each upstream and what was found out about it. Thread-safe.
 */
final class DownloadFactory {
  private static final Logger log = LoggerFactory.getLogger(DownloadFactory.class);

  private final Downloads.Parts parts;
  private final DownloadSettings settings;
  private final DownloadLimiter gate;
  private final DownloadMemory memory;
  private final Map<ZoneName, TransferSlots> slots = new ConcurrentHashMap<>();
  private final Map<ZoneName, SegmentHistory> histories = new ConcurrentHashMap<>();

  /** Has made none yet. */
  DownloadFactory(Downloads.Parts parts, DownloadSettings settings, DownloadLimiter gate) {
    this.parts = parts;
    this.settings = settings;
    this.gate = gate;
    this.memory = new DownloadMemory(settings.buffers().all());
    parts
        .metrics()
        .gauge("downloads_memory_bytes", "Bytes of downloads that are in memory.", memory::bytes);
  }

  BlobStore store() {
    return parts.store();
  }

  TransferSlots slotsOf(ZoneName zone) {
    return slots.computeIfAbsent(zone, ignored -> new TransferSlots(settings.limits().transfers()));
  }

  SegmentHistory historyOf(ZoneName zone) {
    return histories.computeIfAbsent(zone, ignored -> new SegmentHistory(System::nanoTime));
  }

  /**
   * The file that a download is to write; blocking. A disk that cannot even make a file does not
   * stop the pull.
   */
  PartFile openPart(Digest digest) throws IOException {
    Optional<PartFile> part = Optional.empty();
    try {
      part = parts.store().parts().open(digest);
    } catch (IOException e) {
      log.warn("the file of download {} cannot be created: {}", digest, DiskReason.of(e));
    }
    return part.isPresent() ? part.get() : parts.store().parts().refusing(digest);
  }

  /**
   * A download that writes to this file and is to begin; on the context that it will use.
   *
   * @param size what the manifest says, or -1
   */
  Download make(BlobSource source, long size, PartFile part) {
    ZoneName zone = source.zone();
    Download download =
        new Download(
            new DownloadParts(
                source,
                part,
                memory,
                slotsOf(zone),
                historyOf(zone),
                () -> gate.isAwaited(zone),
                settings,
                parts),
            part.digest().mayHaveSize(size) ? size : -1);
    parts.metrics().downloads().begun(zone.value());
    download.ended().onComplete(ignored -> parts.metrics().downloads().ended(zone.value()));
    return download;
  }
}
