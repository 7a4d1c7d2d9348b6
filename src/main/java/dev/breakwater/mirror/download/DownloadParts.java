package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import dev.breakwater.storage.PartFile;
import java.util.function.BooleanSupplier;

/**
 * What a download works with.
 *
 * @param source where it fetches from
 * @param file to write to; the download closes it
 * @param memory what all downloads hold
 * @param slots the transfers from this upstream
 * @param history what earlier downloads from this upstream found out
 * @param crowded whether a client waits for a place that this download's would be
 * @param shared what all downloads work with
 */
record DownloadParts(
    BlobSource source,
    PartFile file,
    DownloadMemory memory,
    TransferSlots slots,
    SegmentHistory history,
    BooleanSupplier crowded,
    DownloadSettings settings,
    Downloads.Parts shared) {
  /** Of the blob. */
  Digest digest() {
    return file.digest();
  }
}
