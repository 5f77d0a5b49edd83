import { AT } from '../level-tables.js';
import { backoff, countsOfSingle, usualOf } from './backoff.js';
import { namesRight } from './c1-eligibility.js';
import { tenth, uniformRatio } from './measure.js';
import { ticketFactor } from './excuses.js';
import { NO_FACTORS, draftTerm, markovP, type DraftTerm, type Evaluation, type Factor, type Model, type Scene } from './model.js';
import { clip } from '../observation.js';
import { receiverOf, rightOf } from '../privileged-act.js';
import { UNIT } from '../statistics/decay.js';

const GIVING = new Set(['requested', 'approved', 'granted', 'activated']);
const GIVER = ['gra'] as const;

/**
 * C1: a right outside what the receiver's peers are given, by somebody who gives other rights. Likelihood ratio in nats: of an attacker, to whom any right known
 * here is worth as much as another, against the receiver's peers (shrunk to the population); and, where the act gives a right to somebody else, of everybody
 * against the giver's own habit. The product of two such ratios has expectation 1 under "all is usual", so Markov's bound holds; but for what a right over
 * everything (ln 8) and one that is given to oneself (twice the nats) weigh beyond it: there the counted p is what speaks.
 */
export const entitlement: Model = {
  id: 'C1_entitlement',
  comparable: false,
  priorP: markovP,
  evaluate(scene): DraftTerm | undefined {
    const { event, snapshot, organisation, params, state } = scene;
    const receiver = receiverOf(event);
    if (!event.privilege || !GIVING.has(event.privilege.change) || receiver === undefined) return undefined;
    const name = clip(rightOf(event.privilege));
    const chain = snapshot.chainOf(receiver, organisation);
    const ofPeers = uniformRatio(chain, 'ent', name, params);
    const { gra } = scene.observation.values;
    const given = gra !== undefined && state.tables.total(AT.gra) > 0 ? gra : undefined;
    const history = state.tables.total(AT.gra) * scene.scale;
    const peers = chain.counts.at(-1)?.levels.ent;
    return draftTerm({
      observed: receiver === scene.identity ? name : `${name} for ${receiver}`,
      evidence:
        ofPeers +
        (ofPeers > 0 && isPowerful(event.privilege) ? POWERFUL_NATS : 0) +
        (given === undefined ? 0 : backoff(scene, GIVER, [given]).logRatio),
      factors: ofPeers > 0 ? factorsOf(scene, receiver, event.privilege) : NO_FACTORS,
      usual: given === undefined ? usualOfPeers(peers) : usualOf(scene, 'gra'),
      counts: {
        person: given === undefined ? 0 : countsOfSingle(scene, GIVER, given).person,
        peers: chain.counts.length > 1 ? tenth((peers?.values.get(name) ?? 0) / UNIT) : 0,
        all: tenth((chain.counts[0]?.levels.ent.values.get(name) ?? 0) / UNIT),
      },
      confidence: confidence((peers?.total ?? 0) / UNIT, params.peerShrinkage),
      history: Math.round(history),
      details: { change: event.privilege.change },
    });
  },
  sentence({ observed, details, counts, usual }) {
    const verb = VERBS[details?.change ?? 'granted'] ?? 'Gave';
    const peers =
      counts.peers === 0
        ? 'none of the peers was given it lately'
        : `the peers were given it ${Math.max(1, Math.round(counts.peers))} times lately`;
    const others =
      usual.length === 0 ? '' : `; usual: ${usual.map(({ value, share }) => `${value} ${Math.round(share * 100)} %`).join(', ')}`;
    return `${verb} ${observed}; ${peers}${others}.`;
  },
};
type Privilege = NonNullable<Scene['event']['privilege']>;

/** What whoever abuses an account asks for: rights over everything, by the names that vendors give them. */
const POWERFUL =
  /global administrator|privileged role administrator|administratoraccess|domain admins|enterprise admins|super ?admin|org(?:anization)?[ _-]?admin|\bowner\b|\broot\b|sudo|wheel|cluster-admin/i;
/** Eight times as often as any other right. */
const POWERFUL_NATS = Math.log(8);
const isPowerful = ({ entitlement, jit }: Privilege): boolean => !jit && POWERFUL.test(entitlement);

const VERBS: Readonly<Record<string, string>> = {
  requested: 'Asked for',
  approved: 'Approved',
  granted: 'Gave',
  activated: 'Activated',
};
const confidence = (observed: number, pseudo: number): number => observed / (observed + pseudo);

function usualOfPeers(peers: { readonly total: number; readonly values: ReadonlyMap<string, number> } | undefined): Evaluation['usual'] {
  if (!peers || peers.total === 0) return [];
  // Kept heaviest first: what a merge has trimmed and a codec sorted by name has to be ordered again.
  const top = [...peers.values].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, 3);
  return top.map(([value, weight]) => ({ value, share: Math.min(1, Math.round((weight / peers.total) * 1e4) / 1e4) }));
}

function factorsOf(scene: Scene, receiver: string, { entitlement: right, change, jit }: Privilege): Factor[] {
  const { organisation } = scene;
  const factors: Factor[] = [];
  const record = organisation.identity(receiver);
  if (record?.eligibleRoles.some((role) => namesRight(role, right)))
    factors.push({ name: 'eligible for it by the records of the organisation', factor: 0.3 });
  if (change === 'granted' && !jit && receiver === scene.identity) factors.push({ name: 'given to itself', factor: 2 });
  const ticket = ticketFactor(scene, receiver);
  if (ticket) factors.push({ ...ticket, name: `the receiver ${ticket.name}`.replace('the receiver its', "the receiver's") });
  return factors;
}
