import { dayOf, networkOf, type AccessEvent, type Endpoint } from '@keyward/events';
import { z } from 'zod';
import { isInteractiveSignIn } from '../acts.js';
import { defineDetection, type DetectionInput, type Observation } from '../detection.js';
import { duration, nameOf, round } from '../words.js';
import { effectiveDistanceKm, shortestHours, travelEvidence } from './travel.js';

const SignIn = z.object({
  at: z.number(),
  uid: z.string(),
  lat: z.number(),
  lon: z.number(),
  radiusKm: z.number(),
  place: z.string(),
  network: z.string(),
  /** The autonomous system where it is known, else the network. */
  provider: z.string().optional(),
  country: z.string().optional(),
  kind: z.string().optional(),
  device: z.string().optional(),
  session: z.string().optional(),
});
type SignIn = z.infer<typeof SignIn>;

const State = z.object({
  last: SignIn.nullable(),
  /** Providers (or networks, where the provider is not known) of the last days, so that two that are used by turns (home and a tunnel) are known. Newest last. */
  networks: z.array(z.object({ network: z.string(), days: z.array(z.number()) })),
});
type State = z.infer<typeof State>;

const Params = z.strictObject({
  /** Below it, geo databases err: Elastic's rule for Entra ID takes 500 km too. */
  minDistanceKm: z.number().positive().default(500),
  /** 1.7: the second sign-in came 2.3 times sooner than the fastest journey. The same device on both ends (factor 0.2) can then never fire alone. */
  minEvidenceNats: z.number().positive().default(1.7),
  /** Beyond two days every place can be reached. */
  lookBackHours: z.number().positive().default(48),
});
type Params = z.infer<typeof Params>;
type Input = DetectionInput<State, Params>;

/** Radius of a place whose accuracy nobody states: that of a region. */
const UNKNOWN_RADIUS_KM = 250;
const MAX_NETWORKS = 8;
const MAX_DAYS = 4;

/** What scales the evidence by the kind of network on either end (scoring.md section 4): there, an address does not say where a person is. */
const NETWORK_FACTORS: Readonly<Record<string, number>> = {
  hosting: 0.5,
  vpn: 0.1,
  relay: 0.1,
  tor: 0.1,
  satellite: 0.1,
  mobile: 0.3,
  corporate: 0,
};
const SAME_DEVICE_FACTOR = 0.2;
const SAME_SESSION_FACTOR = 2;
const INTERLEAVED_FACTOR = 0.1;
/** Where in its own area a provider's address is, geo databases guess: a carrier has a few gateways for a whole country. */
const SAME_PROVIDER_FACTOR = 0.2;
const SAME_COUNTRY_FACTOR = 0.5;
/** Both were used before, on whatever days: a phone's carrier, and the line of the laptop beside it. */
const BOTH_KNOWN_FACTOR = 0.2;
/** Places of these say nothing: the next sign-in is compared with the last real one. */
const NO_PLACE: ReadonlySet<string> = new Set(['vpn', 'relay', 'tor', 'satellite', 'corporate']);

export const impossibleTravel = defineDetection<State, Params>({
  id: 'impossible_travel',
  title: 'Sign-ins too far apart to travel',
  kind: 'rule',
  severity: 'high',
  attack: ['T1078'],
  ledger: 'identity',
  p: 1e-4, // mislabelled tunnels make about one false pair in ten thousand sign-ins of a travelling workforce
  params: Params,
  state: State,
  initial: () => ({ last: null, networks: [] }),

  evaluate(input) {
    const { event, state, params, organisation, identity } = input;
    const to = signInOf(input);
    const from = state.last;
    if (!to || !from || Math.abs(to.at - from.at) > params.lookBackHours * 3_600_000) return undefined;
    // Two systems place one address differently; nobody has travelled.
    if (from.network === to.network) return undefined;
    const distanceKm = effectiveDistanceKm(from, to);
    if (distanceKm < params.minDistanceKm) return undefined;
    const elapsedMs = to.at - from.at;
    const factors = factorsOf(from, to, state, event);
    const evidence = factors.reduce((nats, { factor }) => nats * factor, travelEvidence(distanceKm, elapsedMs));
    if (evidence < params.minEvidenceNats) return undefined;
    const isSameSession = from.session !== undefined && from.session === to.session;
    const hours = round(shortestHours(distanceKm), 1);
    const observation: Observation = {
      sentence:
        `${nameOf(organisation, identity)} signed in from ${to.place} ${duration(elapsedMs)} ${elapsedMs < 0 ? 'before' : 'after'} ${from.place}: ` +
        `${round(distanceKm).toLocaleString('en-US')} km apart at least, a journey of ${hours} hours or more` +
        `${isSameSession ? ', in one and the same session' : ''}.`,
      observed: {
        from: from.place,
        to: to.place,
        distanceKm: round(distanceKm),
        elapsedMinutes: round(elapsedMs / 60_000, 1),
        shortestJourneyHours: hours,
        evidenceNats: round(evidence, 3),
        fromNetwork: from.network,
        toNetwork: to.network,
      },
      eventUids: [from.uid],
      explanation: factors.map(({ name, factor }) => `Evidence was multiplied by ${factor}: ${name}.`),
      ...(isSameSession && { severity: 'critical', p: 1e-6 }),
    };
    return observation;
  },

  advance(input) {
    const { state } = input;
    const signIn = signInOf(input);
    if (!signIn) return state;
    const networks = withDay(state.networks, providerOf(signIn), dayOf(signIn.at));
    const isPlace = signIn.kind === undefined || !NO_PLACE.has(signIn.kind);
    const isNewer = state.last === null || signIn.at >= state.last.at;
    return { last: isPlace && isNewer ? signIn : state.last, networks };
  },
});

/** The sign-in that the event is, when travel can be told from it: somebody's own, successful, with coordinates. */
function signInOf({ event, part, organisation, identity }: Input): SignIn | undefined {
  if (part !== 'actor' || event.outcome !== 'success' || !event.actor || !isInteractiveSignIn(event)) return undefined;
  const kind =
    organisation.identity(identity)?.kind ?? (event.actor.kind === 'service' || event.actor.kind === 'system' ? 'service' : 'human');
  if (kind === 'service' || kind === 'shared') return undefined; // many hands or machines: two places are no surprise
  const { geo, ip } = event.src ?? {};
  if (geo?.lat === undefined || geo.lon === undefined || ip === undefined) return undefined;
  return {
    at: event.time,
    uid: event.uid,
    lat: geo.lat,
    lon: geo.lon,
    radiusKm: geo.radiusKm ?? UNKNOWN_RADIUS_KM,
    place: placeOf(event.src),
    network: networkOf(ip) ?? ip.slice(0, 64),
    ...(event.src?.asn !== undefined && { provider: `AS${event.src.asn}` }),
    ...(geo.country !== undefined && { country: geo.country.slice(0, 8) }),
    ...(event.src?.networkKind !== undefined && { kind: event.src.networkKind }),
    ...(event.device?.id !== undefined && { device: event.device.id.slice(0, 128) }),
    ...(event.session !== undefined && { session: `${event.source}:${event.session.uid}`.slice(0, 160) }),
  };
}

function placeOf(src: Endpoint | undefined): string {
  const names = [src?.geo?.city, src?.geo?.country].filter((name) => name !== undefined && name !== '');
  return names.length > 0 ? names.join(', ').slice(0, 80) : (src?.ip ?? 'an unknown place');
}

function factorsOf(from: SignIn, to: SignIn, state: State, event: AccessEvent): { name: string; factor: number }[] {
  const factors: { name: string; factor: number }[] = [];
  const kinds = [from.kind, to.kind].flatMap((kind) => (kind === undefined ? [] : [{ kind, factor: NETWORK_FACTORS[kind] ?? 1 }]));
  // The less telling end decides; both ends on mobile carriers are no less sure than one.
  const weakest = kinds.toSorted((a, b) => a.factor - b.factor)[0];
  if (weakest && weakest.factor !== 1)
    factors.push({ name: `a sign-in came through a network of kind ${weakest.kind}`, factor: weakest.factor });
  if (from.device !== undefined && from.device === to.device)
    factors.push({ name: 'both came from the same device', factor: SAME_DEVICE_FACTOR });
  if (from.session !== undefined && from.session === to.session) {
    factors.push({ name: 'both belong to the same session, which must have been copied', factor: SAME_SESSION_FACTOR });
  }
  if (from.country !== undefined && from.country === to.country)
    factors.push({ name: 'both places are in one country', factor: SAME_COUNTRY_FACTOR });
  const origin = originsFactor(state, from, to, dayOf(event.time));
  return origin ? [...factors, origin] : factors;
}

const providerOf = ({ provider, network }: SignIn): string => provider ?? network;

function originsFactor({ networks }: State, from: SignIn, to: SignIn, today: number): { name: string; factor: number } | undefined {
  const [a, b] = [providerOf(from), providerOf(to)];
  if (a === b) return { name: 'both addresses belong to one provider', factor: SAME_PROVIDER_FACTOR };
  const daysOf = (provider: string): readonly number[] =>
    (networks.find((known) => known.network === provider)?.days ?? []).filter((day) => day < today);
  const [daysOfA, daysOfB] = [daysOf(a), daysOf(b)];
  if (daysOfA.some((day) => daysOfB.includes(day)))
    return { name: 'both networks were used on one earlier day already', factor: INTERLEAVED_FACTOR };
  return daysOfA.length > 0 && daysOfB.length > 0
    ? { name: 'both networks were used on earlier days already', factor: BOTH_KNOWN_FACTOR }
    : undefined;
}

function withDay(networks: State['networks'], network: string, day: number): State['networks'] {
  const known = networks.find((entry) => entry.network === network);
  const isNewest = networks.at(-1) === known;
  if (known && isNewest && known.days.includes(day)) return networks;
  const days = known?.days.includes(day) ? known.days : [...(known?.days ?? []), day].toSorted((a, b) => a - b).slice(-MAX_DAYS);
  return [...networks.filter((entry) => entry !== known), { network, days }].slice(-MAX_NETWORKS);
}
