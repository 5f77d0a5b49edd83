import { AT } from '../level-tables.js';
import type { Level } from '../levels.js';
import { hash32 } from '../observation.js';
import { countTail } from '../statistics/moments.js';
import { announcedFactor } from './excuses.js';
import { observations, rounded, tailNats, timesOf, usualCount } from './measure.js';
import { NO_FACTORS, NO_USUAL, draftTerm, withFactor, type DraftTerm, type Factor, type Model, type Scene } from './model.js';

/** Levels of which each value is chosen for itself: three foreign applications are three choices, three networks are one journey. */
const CHOSEN: readonly Level[] = ['app', 'res'];
/** Active days of an identity before first uses are counted: of somebody new all is new. */
const FEWEST_DAYS = 5;

/**
 * B5: applications and resources that an identity uses for the first time, on one UTC day, and that are others': somebody uses them, but nobody of its closest
 * peers. What nobody has used is news and not foreign, what peers use is what a colleague does. One is surprising by its name (A5, B1); that there are three is
 * surprising by itself: whoever took an account over looks around. Evidence in nats, `-ln P(X >= n | X >= 1)`: X is the day's number, its tails Gamma-Poisson,
 * mid-p, own moments shrunk to the peers'.
 */
export const firstUses: Model = {
  id: 'B5_first_uses',
  comparable: false,
  priorP: (evidence) => (evidence <= 0 ? 1 : Math.exp(-evidence)),
  evaluate(scene): DraftTerm | undefined {
    const { event, observation, automated, state, scale } = scene;
    if ((!observation.deliberate && !automated && observation.target === undefined) || !isKnown(state, scale)) return undefined;
    const uses = foreignValues(scene);
    const value = uses.length === 0 ? undefined : state.windows.firstUsesWith(event.time, uses);
    if (value === undefined) return undefined;
    const usual = usualCount(scene, 'new');
    // Given that there is one: what it is, A5 and B1 judge.
    const evidence = Math.max(
      0,
      tailNats(countTail(value, usual.mean, usual.variance)) - tailNats(countTail(1, usual.mean, usual.variance)),
    );
    return draftTerm({
      observed: `${timesOf(value, 'first use', 'first uses')} on the day`,
      evidence,
      factors: factorsOf(scene, evidence),
      usual: NO_USUAL,
      counts: observations(scene, 'new'),
      confidence: usual.confidence,
      history: Math.round(usual.history),
      details: { measured: { count: 'new', value, expected: usual.mean } },
    });
  },
  sentence: ({ details, history }) =>
    `Used ${timesOf(details?.measured?.value ?? 0, 'application or resource', 'applications or resources')} of others for the first time in a day; about ${rounded(details?.measured?.expected ?? 0)} are usual (${history} active days known of this identity).`,
};

/** Whether it has been active for long enough that what is new says something. @param scale turns weights of the state into decayed numbers */
export const isKnown = ({ activeDays }: Scene['state'], scale: number): boolean => activeDays * scale >= FEWEST_DAYS;

/** @returns hashes of the event's values that the identity never showed, and that others do who are not its closest peers */
export function foreignValues({ observation, state, chain }: Pick<Scene, 'observation' | 'state' | 'chain'>): string[] {
  const uses: string[] = [];
  for (const level of CHOSEN) {
    const value = observation.values[level];
    if (value === undefined || state.tables.get(AT[level], value) > 0) continue;
    const closest = chain.counts.length > 1 ? chain.counts.at(-1)?.levels[level].values.get(value) : undefined;
    if (closest === undefined && chain.counts[0]?.levels[level].values.has(value) === true) uses.push(hash32(`${level}:${value}`));
  }
  return uses;
}

function factorsOf(scene: Scene, evidence: number): Factor[] {
  const { organisation, identity, event } = scene;
  const factors = withFactor(NO_FACTORS, announcedFactor(scene, identity, evidence));
  return organisation.isOnCall(identity, event.time) ? withFactor(factors, ON_CALL) : factors;
}
const ON_CALL: Factor = { name: 'on call at this time', factor: 0.7 };
