package dev.breakwater.upstream;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.breakwater.oci.ZoneName;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which registries may be asked at all, as the operator decides; may change. Thread-safe. */
public final class OfflineSwitch {
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

  /** Whether this registry is switched off by itself, whatever holds for all. */
  public boolean isOfflineByItself(ZoneName zone) {
    return zones.contains(zone);
  }

  /** Switches one registry; whether that changed anything. */
  @CanIgnoreReturnValue
  public boolean set(ZoneName zone, boolean offline) {
    return offline ? zones.add(zone) : zones.remove(zone);
  }

  /**
   * Switches all registries; those that are offline by themselves stay it.
   *
   * @return whether that changed anything
   */
  @CanIgnoreReturnValue
  public boolean setAll(boolean offline) {
    boolean changed = all != offline;
    all = offline;
    return changed;
  }
}
