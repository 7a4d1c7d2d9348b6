package dev.breakwater.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class MachineNameTest {
  @Test
  void hostNameComesBeforeAddressComesBeforeLocalhost() {
    assertThat(MachineName.choose(Optional.of("host"), Optional.of("10.0.0.1"))).isEqualTo("host");
    assertThat(MachineName.choose(Optional.empty(), Optional.of("10.0.0.1"))).isEqualTo("10.0.0.1");
    assertThat(MachineName.choose(Optional.empty(), Optional.empty())).isEqualTo("localhost");
  }

  @Test
  void thisMachineHasSomeName() {
    assertThat(MachineName.find()).isNotBlank();
  }
}
