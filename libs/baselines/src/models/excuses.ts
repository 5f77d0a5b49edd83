import type { Factor, Scene } from './model.js';

const OWN_TICKET = 0.3;
const TEAM_TICKET = 0.5;
/** Nats that are left of the size of one's own announced work: a migration takes as many secrets out as it takes. */
const MOST_OF_ANNOUNCED = 4;

/** A change, incident or request that is open at the time: one's own explains more than one of the team. */
export function ticketFactor({ organisation, event }: Scene, identity: string): Factor | undefined {
  const tickets = organisation.ticketsAt(identity, event.time);
  if (tickets.length === 0) return undefined;
  return tickets.some(({ owner }) => owner === identity)
    ? { name: 'has an open ticket of its own', factor: OWN_TICKET }
    : { name: 'its team has an open ticket', factor: TEAM_TICKET };
}

/** The same for the size of what is done: of one's own announced work hardly any surprise is left, however large it is. @param evidence nats, before factors */
export function announcedFactor(scene: Scene, identity: string, evidence: number): Factor | undefined {
  const factor = ticketFactor(scene, identity);
  if (factor?.factor !== OWN_TICKET || evidence * OWN_TICKET <= MOST_OF_ANNOUNCED) return factor;
  return { ...factor, factor: Math.round((MOST_OF_ANNOUNCED / evidence) * 100) / 100 };
}

/**
 * Whoever abuses an account does much in little time; a count that is rare for the identity, and small all the same, is rarely that.
 * @param count observed @param usualOfAbuse mean of what abuse looks like (exponential): an order of magnitude, no measurement
 */
export function smallCountFactor(count: number, usualOfAbuse: number): Factor {
  return { name: 'few in absolute numbers', factor: Math.round((1 - Math.exp(-count / usualOfAbuse)) * 100) / 100 };
}
