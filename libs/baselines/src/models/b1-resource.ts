import { AT } from '../level-tables.js';
import { countsOfSingle, usualOf } from './backoff.js';
import { ticketFactor } from './excuses.js';
import { NO_FACTORS, draftTerm, withFactor, type DraftTerm, type Factor, type Model, type Scene } from './model.js';
import { noveltyP, surpriseAtNew } from './novelty.js';
import { noveltyText } from './wording.js';

const RESOURCE = ['res'] as const;

/** B1: first use of a resource (host, secret, credential, role, group ...). {@link surpriseAtNew} of resource-days, in nats; 0 for a known one. */
export const resource: Model = {
  id: 'B1_resource',
  comparable: true,
  priorP: noveltyP,
  evaluate(scene): DraftTerm | string {
    const { observation, state, scale, params } = scene;
    const { res } = observation.values;
    if (res === undefined) return 'no resource is named';
    const history = state.tables.total(AT.res) * scale;
    const known = state.tables.get(AT.res, res) > 0 || (observation.target !== undefined && state.today.has(observation.target));
    const counts = countsOfSingle(scene, RESOURCE, res);
    const usual = usualOf(scene, 'res');
    return draftTerm({
      observed: res,
      evidence: known ? 0 : surpriseAtNew(scene, 'res', res, state.firstUses * scale, history),
      factors: known ? NO_FACTORS : factorsOf(scene),
      usual,
      counts,
      confidence: history / (history + params.personShrinkage),
      history: Math.round(history),
    });
  },
  sentence: (term) => `Reached for ${term.observed}, ${noveltyText(term, 'resource-days')}.`,
};

function factorsOf(scene: Scene): Factor[] {
  const { organisation, identity, event } = scene;
  const factors = withFactor(NO_FACTORS, ticketFactor(scene, identity));
  return organisation.isOnCall(identity, event.time) ? withFactor(factors, { name: 'on call at this time', factor: 0.7 }) : factors;
}
