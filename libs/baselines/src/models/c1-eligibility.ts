import { AT } from '../level-tables.js';
import { tailNats, observations, usualCount } from './measure.js';
import { NO_FACTORS, NO_USUAL, draftTerm, type DraftTerm, type Model, type Scene } from './model.js';

/**
 * C1: the identity takes up a right for which the organisation's records do not list it as eligible, though they list others of the same system. That is
 * impossible unless somebody changed the eligibility meanwhile, or the records are out of date: how often they are is counted. Evidence in nats, `-ln q`:
 * q the share of such activations, of the peers shrunk to the population, in (0, 1). 0 for a right that the identity has used before.
 */
export const eligibility: Model = {
  id: 'C1_eligibility',
  comparable: false,
  priorP: (evidence) => (evidence <= 0 ? 1 : Math.exp(-evidence)),
  evaluate(scene): DraftTerm | undefined {
    const { event, state, observation } = scene;
    const right = event.privilege?.entitlement;
    const listed = right === undefined ? undefined : isListed(scene, right);
    if (right === undefined || listed === undefined) return undefined;
    const { res } = observation.values;
    const isUsed = res !== undefined && state.tables.get(AT.res, res) > 0;
    const usual = usualCount(scene, 'ine');
    return draftTerm({
      observed: listed ? 'eligible by the records' : right,
      evidence: listed || isUsed ? 0 : tailNats(usual.mean),
      factors: NO_FACTORS,
      usual: NO_USUAL,
      counts: observations(scene, 'ine'),
      confidence: usual.confidence,
      history: Math.round(usual.history),
      details: { measured: { count: 'ine', value: listed ? 0 : 1, expected: usual.mean } },
    });
  },
  sentence: ({ observed, details }) =>
    `Activated ${observed}, for which the records do not list this identity as eligible; ${percent(details?.measured?.expected ?? 0)} of activations are like that.`,
};

/** @returns whether the records list the right; undefined where it is no activation of one's own, or the records say nothing of rights of this kind */
function isListed({ event, organisation, identity }: Scene, right: string): boolean | undefined {
  if (event.privilege?.change !== 'activated' || (event.target !== undefined && event.target.identity !== identity)) return undefined;
  const roles = organisation.identity(identity)?.eligibleRoles ?? [];
  const system = right.slice(0, right.indexOf(':') + 1);
  if (!roles.some((role) => role.startsWith(system) || !role.includes(':'))) return undefined;
  return roles.some((role) => namesRight(role, right));
}

/** @param role of the records: the whole right, or its bare name */
export function namesRight(role: string, right: string): boolean {
  const [listed, asked] = [role.toLowerCase(), right.toLowerCase()];
  return listed === asked || listed === asked.slice(asked.lastIndexOf(':') + 1);
}

const percent = (share: number): string => `${share < 0.01 ? (share * 100).toPrecision(1) : String(Math.round(share * 100))} %`;
