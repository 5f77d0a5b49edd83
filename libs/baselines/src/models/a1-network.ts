import { AT } from '../level-tables.js';
import type { AccessEvent } from '@keyward/events';
import type { Level } from '../levels.js';
import { deviceContinuity } from './continuity.js';
import { backoff, confidenceOf, countsOf, intelligence, usualOf } from './backoff.js';
import { NO_FACTORS, draftTerm, markovP, withFactor, type DraftTerm, type Factor, type Model, type Scene } from './model.js';
import { noveltyText } from './wording.js';

const AN_ACT = { act: true } as const;
const LEVELS: readonly Level[] = ['net', 'asn', 'cty'];

/**
 * How many times more often attackers than everybody come from a kind of network. Orders of magnitude, not measurements: the share given to
 * such lists is capped at 0.2, and calibration decides what the sum means.
 */
const LIFT: Readonly<Record<NonNullable<NonNullable<AccessEvent['src']>['networkKind']>, number>> = {
  tor: 50,
  hosting: 10,
  vpn: 5,
  relay: 2,
  satellite: 1,
  mobile: 1,
  corporate: 0.1,
  private: 0.1,
};

/** A1: network /24 (v6 /48) -> ASN -> country. Likelihood ratio of everybody against the identity, in nats (scoring.md section 2). */
export const network: Model = {
  id: 'A1_network',
  comparable: true,
  priorP: markovP,
  evaluate(scene): DraftTerm | string {
    const { event, observation, params } = scene;
    const { net, asn, cty = '' } = observation.values;
    if (net === undefined || asn === undefined) return 'no source address';
    const { logRatio, newLevel, history, finest } = backoff(scene, LEVELS, [net, asn, cty]);
    // A new /24 of a known provider is told as a network; a new provider or country as a provider.
    const level: Level = newLevel === 'net' ? 'net' : 'asn';
    const counts = countsOf(scene, finest, newLevel ?? 'asn');
    const usual = usualOf(scene, level);
    const org = event.src?.asOrg;
    const provider = org === undefined ? asn : providerOf(asn, org);
    const observed = newLevel === 'net' ? `${net} of ${provider}` : provider;
    return draftTerm({
      observed,
      evidence: logRatio + intelligence(params.intelligenceShare, event.src?.networkKind === undefined ? 1 : LIFT[event.src.networkKind]),
      factors: factorsOf(scene, net),
      usual,
      counts,
      confidence: confidenceOf(scene, scene.state.tables.total(AT.asn)),
      history: Math.round(history),
      details: event.class === 'authentication' ? undefined : AN_ACT,
    });
  },
  sentence: (term) => `${term.details?.act === true ? 'Acted' : 'Signed in'} from ${term.observed}, ${noveltyText(term, 'acts')}.`,
};

function factorsOf(scene: Scene, net: string): Factor[] {
  const { event, snapshot, params, organisation, identity } = scene;
  let factors = withFactor(NO_FACTORS, deviceContinuity(scene));
  if (event.src?.networkKind === 'corporate') factors = withFactor(factors, { name: 'known corporate egress', factor: 0.1 });
  const visitors = snapshot.visitors(net, identity);
  if (visitors >= params.sharedEgressIdentities)
    factors = withFactor(factors, {
      name: `shared egress: ${visitors}${visitors >= 15 ? ' or more' : ''} others use this network`,
      factor: 0.3,
    });
  if (organisation.isOnLeave(identity, event.time)) factors = withFactor(factors, { name: 'on leave: elsewhere is likely', factor: 0.5 });
  return factors;
}

/** `AS64496 Example Networks (DE)`; nearly every act comes from a provider that another one came from. */
function providerOf(asn: string, org: string): string {
  const known = providers.get(asn);
  if (known?.org === org) return known.provider;
  const provider = asn.replace(' (', ` ${org.slice(0, 60)} (`);
  if (providers.size >= MOST_PROVIDERS) providers.clear();
  providers.set(asn, { org, provider });
  return provider;
}
const providers = new Map<string, { readonly org: string; readonly provider: string }>();
const MOST_PROVIDERS = 10_000;
