package dev.breakwater.admin.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.Json;
import org.junit.jupiter.api.Test;

class PurgeInfoTest {
  @Test
  void theDocumentHasTheCountsAndNothingElse() {
    assertThat(Json.encode(new PurgeInfo("library/nginx", 1, 2, 3, 4)))
        .isEqualTo(
            "{\"purged\":\"library/nginx\",\"tags\":1,\"refusals\":2,\"listings\":3,"
                + "\"downloads\":4}");
  }
}
