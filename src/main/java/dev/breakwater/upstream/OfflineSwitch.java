package dev.breakwater.upstream;

import dev.breakwater.oci.ZoneName;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which registries may be asked at all, as the operator decides; may change. Thread-safe. */
public final class OfflineSwitch {
  private static final Logger LOG = LoggerFactory.getLogger(OfflineSwitch.class);

  private final Set<ZoneName> zones = ConcurrentHashMap.newKeySet();
  private volatile boolean all;

  /** As configured. */
  public OfflineSwitch(boolean all, Collection<ZoneName> zones) {
    this.all = all;
    this.zones.addAll(zones);
  }

  /** Whether the registry must not be asked. */
  public boolean isOffline(ZoneName zone) {
    return all || zones.contains(zone);
  }

  /** Whether none must be asked. */
  public boolean isAllOffline() {
    return all;
  }

  /** Switches one registry. */
  public void set(ZoneName zone, boolean offline) {
    if (offline ? zones.add(zone) : zones.remove(zone)) {
      LOG.info("[{}] {}", zone, offline ? "offline: it is not asked any more" : "online again");
    }
  }

  /** Switches all registries; those that are offline by themselves stay it. */
  public void setAll(boolean offline) {
    if (all != offline) {
      LOG.info(offline ? "offline: no upstream is asked any more" : "online again");
    }
    all = offline;
  }
}
