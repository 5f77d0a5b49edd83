import { AT } from '../level-tables.js';
import { UNIT } from '../statistics/decay.js';
import { countsOfSingle, usualOf } from './backoff.js';
import type { Evaluation, Factor, Model, Scene } from './model.js';
import { peerShare } from './shared-values.js';
import { noveltyText } from './wording.js';

const RESOURCE = ['res'] as const;

/**
 * B1: first use of a resource (host, secret, credential, role, group ...). Surprise in nats, 0 for a known one:
 * `-ln [P(new | u) P(v | new)]`, `P(new | u) = (t + d K_u) / (t + n_u)` with K_u first uses and n_u resource-days (Pitman-Yor), `P(v | new)` the chance
 * that a peer uses it on a day, shrunk to the population. An explorer's tenth new host is cheap, a clerk's first is not, a colleague's tool explains itself.
 *
 * @see Pitman & Yor, Annals of Probability 25(2), 1997; scoring.md section 2
 */
export const resource: Model = {
  id: 'B1_resource',
  comparable: true,
  // The product of two uniform p-values is at most s with chance s (1 - ln s).
  priorP: (evidence) => (evidence <= 0 ? 1 : Math.min(1, Math.exp(-evidence) * (1 + evidence))),
  evaluate(scene): Evaluation | string {
    const { observation, state, scale, params } = scene;
    const { res } = observation.values;
    if (res === undefined) return 'no resource is named';
    const history = state.tables.total(AT.res) * scale;
    const known = state.tables.get(AT.res, res) > 0 || state.today.has(res);
    const fresh = (params.concentration + params.discount * state.firstUses * scale) / (params.concentration + history);
    const counts = countsOfSingle(scene, RESOURCE, res);
    const usual = usualOf(scene, 'res');
    return {
      observed: res,
      evidence: known ? 0 : -Math.log(Math.min(1, fresh) * shareOf(scene, res)),
      factors: known ? [] : factorsOf(scene),
      usual,
      counts,
      confidence: history / (history + params.personShrinkage),
      history: Math.round(history),
    };
  },
  sentence: (term) => `Reached for ${term.observed}, ${noveltyText(term, 'resource-days')}.`,
};

/** P(v | new): the population's share of identity-days with the value, then that of each narrower group; in (0, 1]. Nothing known anywhere: 1, since then all is new. */
function shareOf({ chain, params }: Scene, value: string): number {
  let share = 1;
  chain.counts.forEach(({ levels: { res } }, depth) => {
    const weight = res.values.get(value) ?? 0;
    const t = params.populationShrinkage;
    share = depth === 0 ? (weight / UNIT + t) / (res.total / UNIT + t) : peerShare(weight, res.total, share, params);
  });
  return Math.min(1, share);
}

function factorsOf({ organisation, identity, event }: Scene): Factor[] {
  const factors: Factor[] = [];
  if (organisation.ticketsAt(identity, event.time).length > 0) factors.push({ name: 'has an open ticket', factor: 0.5 });
  if (organisation.isOnCall(identity, event.time)) factors.push({ name: 'on call at this time', factor: 0.7 });
  return factors;
}
