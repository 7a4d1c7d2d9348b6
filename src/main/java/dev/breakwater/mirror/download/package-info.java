/**
 * The one download of a digest: its states, what it asks of upstream and when, its clients and what
 * it holds in memory. {@link dev.breakwater.mirror.download.Downloads} is the way in; {@link
 * dev.breakwater.mirror.download.BlobSource} and {@link
 * dev.breakwater.mirror.download.DownloadOwner} are what it needs of others.
 */
@NullMarked
package dev.breakwater.mirror.download;

import org.jspecify.annotations.NullMarked;
