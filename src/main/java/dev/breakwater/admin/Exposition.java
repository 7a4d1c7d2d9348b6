package dev.breakwater.admin;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The metrics in the format the scraper prefers: Prometheus text, OpenMetrics, or protobuf (which
 * alone carries native histograms). Blocking: callbacks are asked and much text is made.
 */
final class Exposition {
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final PrometheusRegistry registry;

  Exposition(PrometheusRegistry registry) {
    this.registry = registry;
  }

  AdminAnswer answer(@Nullable String accept) throws IOException {
    ExpositionFormatWriter writer = formats.findWriter(accept == null ? "" : accept);
    ByteArrayOutputStream text = new ByteArrayOutputStream(64 * 1024);
    writer.write(text, registry.scrape());
    return new AdminAnswer(200, writer.getContentType(), Buffer.buffer(text.toByteArray()));
  }
}
