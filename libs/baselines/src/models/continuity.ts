import { AT } from '../level-tables.js';
import type { Level } from '../levels.js';
import { backoff } from './backoff.js';
import type { Factor, Scene } from './model.js';

const DEVICE: readonly Level[] = ['dev', 'brw', 'os', 'typ'];
const NETWORK: readonly Level[] = ['net', 'asn', 'cty'];
/** Nats of familiarity that explain all that can be explained. */
const FULL_NATS = 8;
/** What familiarity leaves of the surprise: whoever holds the laptop is likely, not certain, to be its owner. */
const LEAST_BY_DEVICE = 0.25;
/** A user agent is no device: kits that steal sessions copy it. */
const LEAST_BY_USER_AGENT = 0.5;
const LEAST_BY_NETWORK = 0.5;

/**
 * Surprise at a network, explained by the device: people travel with their laptops, thieves of passwords without. Nobody travels to a data centre:
 * hosting networks and Tor are not explained.
 */
export function deviceContinuity(scene: Scene): Factor | undefined {
  const kind = scene.event.src?.networkKind;
  if (kind === 'hosting' || kind === 'tor') return undefined;
  const least = scene.event.device?.id === undefined ? LEAST_BY_USER_AGENT : LEAST_BY_DEVICE;
  return familiar(scene, DEVICE, least, 'on a device this identity uses');
}

/** Surprise at a device, explained by the network: a new laptop is set up at a desk that is known. */
export const networkContinuity = (scene: Scene): Factor | undefined =>
  familiar(scene, NETWORK, LEAST_BY_NETWORK, 'from a network this identity uses');

function familiar(scene: Scene, levels: readonly Level[], least: number, name: string): Factor | undefined {
  const { observation, state } = scene;
  const [finest] = levels;
  const value = finest && observation.values[finest];
  if (!value || state.tables.get(AT[finest], value) === 0) return undefined;
  const values = levels.map((level) => observation.values[level] ?? '');
  const { logRatio } = backoff(scene, levels, values);
  if (logRatio >= 0) return undefined;
  return { name, factor: Math.round(Math.max(least, 1 + logRatio / FULL_NATS) * 100) / 100 };
}
