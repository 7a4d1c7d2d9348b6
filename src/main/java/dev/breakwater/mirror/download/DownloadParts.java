package dev.breakwater.mirror.download;

import dev.breakwater.metrics.Metrics;
import dev.breakwater.storage.DiskBudget;
import dev.breakwater.storage.DiskThreads;
import dev.breakwater.storage.PartFile;
import java.util.function.BooleanSupplier;

/**
 * What a download works with.
 *
 * @param file to write to; the download closes it
 * @param disk the threads to hash, write and commit on
 * @param budget of the disk
 * @param memory what all downloads hold
 * @param slots the transfers from this upstream
 * @param history what earlier downloads from this upstream found out
 * @param segments the most transfers for one blob
 * @param crowded whether a client waits for a place that this download's would be
 */
record DownloadParts(
    PartFile file,
    DiskThreads disk,
    DiskBudget budget,
    DownloadMemory memory,
    TransferSlots slots,
    SegmentHistory history,
    int segments,
    BooleanSupplier crowded,
    DownloadSettings settings,
    Metrics metrics) {}
