import { AT } from '../level-tables.js';
import type { Level } from '../levels.js';
import { networkContinuity } from './continuity.js';
import { backoff, confidenceOf, countsOf, usualOf } from './backoff.js';
import { NO_FACTORS, draftTerm, markovP, withFactor, type DraftTerm, type Factor, type Model, type Scene } from './model.js';
import { sessionOf } from '../observation.js';
import { noveltyText } from './wording.js';

const LEVELS: readonly Level[] = ['dev', 'brw', 'os', 'typ'];

/**
 * A2: device id (or hash of the user agent) -> browser with major version -> operating system -> type.
 * Likelihood ratio of everybody against the identity, in nats (scoring.md section 2).
 */
export const device: Model = {
  id: 'A2_device',
  comparable: true,
  priorP: markovP,
  evaluate(scene): DraftTerm | string {
    const { dev, brw, os = '', typ = '' } = scene.observation.values;
    if (dev === undefined || brw === undefined) return 'no device or user agent';
    const { logRatio, newLevel, history, finest } = backoff(scene, LEVELS, [dev, brw, os, typ]);
    const counts = countsOf(scene, finest, newLevel ?? 'brw');
    const usual = usualOf(scene, 'brw');
    const name = scene.event.device?.name;
    const observed = newLevel === 'dev' ? `another device with ${brw}` : brw;
    return draftTerm({
      observed,
      evidence: logRatio,
      factors: newLevel !== undefined || logRatio > 0 ? factorsOf(scene, brw, newLevel) : NO_FACTORS,
      usual,
      counts,
      confidence: confidenceOf(scene, scene.state.tables.total(AT.brw)),
      history: Math.round(history),
      details: name === undefined ? undefined : { device: name.slice(0, 60) },
    });
  },
  sentence: (term) =>
    `Used ${term.observed}${term.details?.device === undefined ? '' : ` ("${term.details.device}")`}, ${noveltyText(term, 'acts')}.`,
};

const MANAGED: Factor = { name: 'device managed by the organisation', factor: 0.5 };

function factorsOf(scene: Scene, brw: string, newLevel: Level | undefined): Factor[] {
  const { state, event } = scene;
  let factors = NO_FACTORS;
  if (newLevel !== undefined) {
    const origin = isSessionOfAnotherDevice(scene) ? { name: 'same session token on another device', factor: 2 } : networkContinuity(scene);
    factors = withFactor(factors, origin);
  }
  // Browsers update themselves every month: the same one, one version on, is what the usual device looks like now; on its second day as on its first.
  if ((newLevel === 'brw' || newLevel === undefined) && isUpdate(brw, state.tables.entries(AT.brw)))
    factors = withFactor(factors, { name: 'newer version of a browser this identity uses', factor: 0.3 });
  if (event.device?.managed === true) factors = withFactor(factors, MANAGED);
  return factors;
}

/**
 * A session belongs to the browser that began it: on a device that the identity does not know, its token was carried there. Ids are compared with ids and user
 * agents with user agents: many systems give the one with some records and the other with others. A program that borrows the session of a browser is no device.
 */
function isSessionOfAnotherDevice({ state, event, observation }: Scene): boolean {
  const session = sessionOf(event);
  const { dev = '', typ } = observation.values;
  if (session === undefined || (event.device?.id === undefined && (typ === '?' || typ === 'bot'))) return false;
  return state.contexts.some(
    (context) => context.session === session && context.dev !== dev && kindOfMark(context.dev) === kindOfMark(dev),
  );
}
const kindOfMark = (dev: string | undefined): string | undefined => dev?.slice(0, 3);

/** `Chrome 127 on Windows 11` updates `Chrome 126 on Windows 11`; older versions do not, an attacker's kit is often behind. */
function isUpdate(value: string, known: readonly { readonly value: string }[]): boolean {
  const now = versioned(value);
  if (!now) return false;
  for (const other of known) {
    const before = versioned(other.value);
    if (before && before.rest === now.rest && before.version < now.version && now.version - before.version <= 6) return true;
  }
  return false;
}

function versioned(value: string): { readonly rest: string; readonly version: number } | undefined {
  const parts = /^(.*?) (\d+)(?:\.\d+)* on (.*)$/.exec(value);
  return parts ? { rest: `${parts[1] ?? ''} on ${parts[3] ?? ''}`, version: Number(parts[2]) } : undefined;
}
