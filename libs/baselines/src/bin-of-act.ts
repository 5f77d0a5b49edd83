import type { AccessEvent } from '@keyward/events';
import type { Organisation } from '@keyward/identity';
import { weekBin } from './statistics/week.js';

/** Of the newest event asked for: it is scored and then learned. */
let last: { readonly event: AccessEvent; readonly identity: string; readonly organisation: Organisation; readonly bin: number } | undefined;

/** @returns bin of the time of week, in the local time of whoever acts */
export function binOfAct(event: AccessEvent, identity: string, organisation: Organisation): number {
  if (last?.event === event && last.identity === identity && last.organisation === organisation) return last.bin;
  const bin = weekBin(event.time, organisation.utcOffsetMinutes(identity, event.time));
  last = { event, identity, organisation, bin };
  return bin;
}
