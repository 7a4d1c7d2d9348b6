/**
 * The one download of a digest: its states, what it asks of upstream and when, its clients and what
 * it holds in memory. {@link dev.breakwater.mirror.download.Downloads} is the way in; {@link
 * dev.breakwater.mirror.download.BlobSource} is what it needs of others. Nothing else is public but
 * {@link dev.breakwater.mirror.download.DownloadSettings} and {@link
 * dev.breakwater.mirror.download.DownloadException}.
 */
@NullMarked
package dev.breakwater.mirror.download;

import org.jspecify.annotations.NullMarked;
