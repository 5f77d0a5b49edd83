import type { AccessEvent } from '@keyward/events';
import { observedValues } from './observed-values.js';

const HOUR_MS = 3_600_000;

/** What one identity did on one day, as counts: what methods over daily aggregates look at. */
export interface DayFeatures {
  events: number;
  failures: number;
  /** Between 20:00 and 06:00 UTC. */
  atNight: number;
  changesOfRights: number;
  commands: number;
  readonly networks: Set<string>;
  readonly devices: Set<string>;
  readonly applications: Set<string>;
  readonly resources: Set<string>;
}

/** Collects {@link DayFeatures} of the day in hand. */
export class DayFeatureTally {
  #days = new Map<string, DayFeatures>();

  add(event: AccessEvent, identity: string): void {
    let day = this.#days.get(identity);
    if (!day) this.#days.set(identity, (day = emptyDay()));
    const { network, device, application, resource } = observedValues(event);
    const hour = Math.floor(event.time / HOUR_MS) % 24;
    day.events += 1;
    if (event.outcome === 'failure') day.failures += 1;
    if (hour < 6 || hour >= 20) day.atNight += 1;
    if (event.privilege) day.changesOfRights += 1;
    if (event.command !== undefined) day.commands += 1;
    if (network !== undefined) day.networks.add(network);
    if (device !== undefined) day.devices.add(device);
    if (application !== undefined) day.applications.add(application);
    if (resource !== undefined) day.resources.add(resource);
  }
  take(): ReadonlyMap<string, DayFeatures> {
    const days = this.#days;
    this.#days = new Map();
    return days;
  }
}

const emptyDay = (): DayFeatures => ({
  events: 0,
  failures: 0,
  atNight: 0,
  changesOfRights: 0,
  commands: 0,
  networks: new Set(),
  devices: new Set(),
  applications: new Set(),
  resources: new Set(),
});
