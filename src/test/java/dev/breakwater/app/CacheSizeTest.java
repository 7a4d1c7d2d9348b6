package dev.breakwater.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.config.CacheConfig;
import dev.breakwater.config.Config;
import dev.breakwater.config.ConfigLoader;
import dev.breakwater.config.FlagOverrides;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheSizeTest {
  private static final long GIB = 1L << 30;

  private static CacheConfig cache(String maxSize) {
    return ConfigLoader.load(
            Optional.empty(),
            Map.of("BREAKWATER_CACHE_MAX_SIZE", maxSize, "BREAKWATER_CACHE_MIN_FREE", "5%"),
            FlagOverrides.none())
        .config()
        .cache();
  }

  @ParameterizedTest
  @CsvSource({"95GiB", "1GiB", "80%", "100%"})
  void sizesThatTheVolumeHasAreTakenInSilence(String maxSize) {
    assertThat(CacheSize.warnings(cache(maxSize), 100 * GIB)).isEmpty();
  }

  @Test
  void moreThanTheVolumeHasIsWarnedOf() {
    assertThat(CacheSize.warnings(cache("2TiB"), 100 * GIB))
        .containsExactly(
            "cache.maxSize is 2TiB, but the volume has 100.0 GiB, of which cache.minFree keeps 5.0"
                + " GiB: the cache can grow to 95.0 GiB; lower cache.maxSize, or use a larger"
                + " volume");
  }

  @ParameterizedTest
  @CsvSource({"50MiB, 50.0 MiB", "1%, 1013.8 MiB", "1023MiB, 1023.0 MiB"})
  void whatIsTooSmallForManyImagesIsWarnedOf(String maxSize, String bytes) {
    assertThat(CacheSize.warnings(cache(maxSize), 99 * GIB))
        .singleElement()
        .asString()
        .contains("cache.maxSize is " + maxSize + " (" + bytes + ")", "set it to 1.0 GiB or more");
  }

  @Test
  void theDefaultIsSilentOnAUsualVolume() {
    assertThat(CacheSize.warnings(Config.defaults().cache(), 20 * GIB)).isEmpty();
  }
}
