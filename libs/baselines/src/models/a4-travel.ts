import { haversineKm, isoInstant, HOUR_MS, MINUTE_MS, type AccessEvent } from '@keyward/events';
import type { NetworkContext } from '../identity-state.js';
import { sessionOf } from '../observation.js';
import { AT } from '../level-tables.js';
import { isSamePlace, LEAST_ACCURATE_KM, placeOf, radiusOf } from '../place.js';
import { NO_FACTORS, NO_USUAL, draftTerm, markovP, type DraftTerm, type Factor, type Model, type Scene } from './model.js';

/** Logs of two systems disagree about the time by minutes. */
const CLOCK_SLACK_MS = 5 * MINUTE_MS;
const ROAD_KM_PER_HOUR = 120;
const FLIGHT_KM_PER_HOUR = 850;
/** To the airport, through it, and out again: the least that any flight adds. */
const FLIGHT_OVERHEAD_HOURS = 1.5;
const GREATEST_EVIDENCE = 8;
/** Kinds of network that put people on the map where they are not (scoring.md section 4). */
const KIND: Readonly<Partial<Record<NonNullable<NonNullable<AccessEvent['src']>['networkKind']>, Factor>>> = {
  hosting: { name: 'hosting network', factor: 0.5 },
  vpn: { name: 'consumer VPN', factor: 0.1 },
  relay: { name: 'privacy relay', factor: 0.1 },
  satellite: { name: 'satellite network', factor: 0.1 },
  mobile: { name: 'mobile carrier', factor: 0.3 },
  corporate: { name: 'known corporate egress', factor: 0 },
};

/**
 * @returns the shortest plausible time for a distance, in hours: the faster of road and air. They meet at 210 km; a fixed change at 300 km
 * (scoring.md) would make 301 km faster than 299.
 */
export const shortestTravelHours = (distanceKm: number): number =>
  Math.min(distanceKm / ROAD_KM_PER_HOUR, FLIGHT_OVERHEAD_HOURS + distanceKm / FLIGHT_KM_PER_HOUR);

/**
 * @param distanceKm between the centres @param radiiKm sum of both accuracy radii @param elapsedMs between the two acts, either sign
 * @returns evidence against one person having been at both, `2 max(0, ln(T / dt))`, in nats, [0, 8]
 */
export function travelEvidence(distanceKm: number, radiiKm: number, elapsedMs: number): number {
  const distance = Math.max(0, distanceKm - radiiKm);
  if (distance === 0) return 0;
  const hours = (Math.abs(elapsedMs) + CLOCK_SLACK_MS) / HOUR_MS;
  return Math.min(GREATEST_EVIDENCE, 2 * Math.max(0, Math.log(shortestTravelHours(distance) / hours)));
}

/** A4: travel from the last place, with uncertainty. Evidence is scaled by what is known of both ends, never deleted, and every factor is named. */
export const travel: Model = {
  id: 'A4_travel',
  comparable: false,
  priorP: markovP,
  evaluate(scene): DraftTerm | string {
    const { event, state, observation } = scene;
    const geo = event.src?.geo;
    if (scene.automated) return 'a service account does not travel';
    if (geo?.lat === undefined || geo.lon === undefined) return 'the place of the source address is not known';
    const from = newestPlace(state.contexts);
    if (from === undefined) return 'no earlier place is known';
    const { lat, lon, radiusKm } = from.spot;
    const there = from.spot.place?.replace(/, [A-Z]{2}$/, '') ?? 'an unnamed place';
    if (lat === undefined || lon === undefined) return 'no earlier place is known';
    // Nearly always where it was before: the formula gives 0 there too. And two systems place one address differently: nobody has travelled.
    const isThere = (lat === geo.lat && lon === geo.lon) || from.net === observation.values.net;
    const distanceKm = isThere ? 0 : haversineKm({ lat, lon }, { lat: geo.lat, lon: geo.lon });
    const radiiKm = (radiusKm ?? LEAST_ACCURATE_KM) + radiusOf(geo);
    const elapsedMs = event.time - from.at;
    const evidence = travelEvidence(distanceKm, radiiKm, elapsedMs);
    const place = geo.city ?? geo.region ?? geo.country ?? 'an unnamed place';
    const km = Math.round(distanceKm);
    const effective = Math.round(Math.max(0, distanceKm - radiiKm));
    return draftTerm({
      observed: `${there} to ${place}, ${km} km in ${duration(Math.abs(elapsedMs))}`,
      evidence,
      factors: evidence === 0 ? NO_FACTORS : factorsOf(scene, from),
      usual: NO_USUAL,
      counts: { person: placeCount(scene), peers: 0, all: scene.snapshot.visitors(placeOf(geo) ?? '', scene.identity, 'places') },
      confidence: 1,
      history: 0,
      details:
        evidence === 0
          ? undefined
          : {
              journey: {
                from: there,
                leftAt: from.at,
                to: place,
                elapsedMs,
                leastKm: effective,
                uncertainKm: Math.round(radiiKm),
                sameToken: from.session !== undefined && from.session === sessionOf(event) && observation.values.net !== from.net,
              },
            },
    });
  },
  sentence({ observed, details }) {
    const journey = details?.journey;
    if (!journey) return `${observed.slice(0, observed.lastIndexOf(', '))}: ${observed.slice(observed.lastIndexOf(', ') + 2)} is possible.`;
    const { from, leftAt, to, elapsedMs, leastKm, uncertainKm, sameToken } = journey;
    return (
      `${from} at ${isoInstant(leftAt)}, ${to} ${duration(Math.abs(elapsedMs))} ${elapsedMs < 0 ? 'before' : 'later'}: at least ${leastKm} km ` +
      `(both places are uncertain by ${uncertainKm} km together), for which ${shortestTravelHours(leastKm).toFixed(1)} h are needed` +
      `${sameToken ? '; the same session token was used at both ends' : ''}.`
    );
  },
};

function factorsOf({ event, state, observation, snapshot, params, identity, organisation, day }: Scene, from: NetworkContext): Factor[] {
  const factors: Factor[] = [];
  for (const kind of new Set([from.kind, event.src?.networkKind])) {
    const factor = kind === undefined ? undefined : KIND[kind];
    if (factor) factors.push(factor);
  }
  const others = snapshot.visitors(placeOf(event.src?.geo) ?? '', identity, 'places');
  if (others >= params.sharedEgressIdentities) factors.push({ name: `${others} others were at this place in 30 days`, factor: 0.3 });
  const { net, dev, asn } = observation.values;
  const country = event.src?.geo?.country;
  if (country !== undefined && from.spot.place?.endsWith(`, ${country}`) === true) factors.push(SAME_COUNTRY);
  if (asn !== undefined && net !== from.net && state.tables.get(AT.asn, asn) > 0) factors.push(KNOWN_PROVIDER);
  const here = state.contexts.find((context) => context.net === net);
  if (here && here.net !== from.net && daysInCommon(here, from, day) >= 2)
    factors.push({ name: 'both networks were used side by side on earlier days', factor: 0.1 });
  if (dev !== undefined && dev === from.dev) factors.push({ name: 'same device at both ends', factor: 0.2 });
  if (organisation.isOnLeave(identity, event.time)) factors.push({ name: 'on leave: travel is likely', factor: 0.7 });
  const session = sessionOf(event);
  if (session !== undefined && session === from.session) factors.push({ name: 'same session token at both ends', factor: 2 });
  return factors;
}

/** Within a country an address's city is where its provider says; most carriers have a few gateways for all of it. */
const SAME_COUNTRY: Factor = { name: 'both places are in one country', factor: 0.5 };
/** A phone's carrier puts it elsewhere than the laptop beside it. */
const KNOWN_PROVIDER: Factor = { name: 'through a provider this identity has used before', factor: 0.4 };

/** Earlier days on which both networks were used by acts that taught. */
function daysInCommon(a: NetworkContext, b: NetworkContext, today: number): number {
  let common = 0;
  for (let back = 1; back <= 30; back += 1) if (usedOn(a, today - back) && usedOn(b, today - back)) common += 1;
  return common;
}
const usedOn = ({ days, day }: NetworkContext, on: number): boolean => on <= day && day - on < 30 && ((days >>> (day - on)) & 1) === 1;

/** Of the four networks remembered, those at the place. */
function placeCount({ state, event }: Scene): number {
  const geo = event.src?.geo;
  let count = 0;
  if (geo) for (const context of state.contexts) if (isSamePlace(context.spot, geo)) count += 1;
  return count;
}

function newestPlace(contexts: readonly NetworkContext[]): NetworkContext | undefined {
  for (const context of contexts) if (context.spot.lat !== undefined) return context;
  return undefined;
}

/** Texts of durations up to two days, made once each: a number takes longer to write down than all else of a journey. */
const DURATIONS: string[] = [];
const duration = (ms: number): string => {
  const minutes = Math.round(ms / MINUTE_MS);
  return minutes < 2_880 ? (DURATIONS[minutes] ??= durationText(minutes)) : durationText(minutes);
};
function durationText(minutes: number): string {
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${(minutes / 60).toFixed(1)} h` : `${Math.round(minutes / 1_440)} days`;
}
