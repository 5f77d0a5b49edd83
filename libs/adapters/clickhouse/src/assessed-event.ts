import type { Assessment } from '@keyward/baselines';
import type { AccessEvent } from '@keyward/events';
import { z } from 'zod';
import { ms } from './queries/sql.js';
import { decodeTerms } from './stored-terms.js';

/** Of `access_events`: an event, and how it was scored. */
export const ASSESSED_EVENT = `identity, event, uid, ${ms('access_events.time')} AS at, score, p, terms, not_evaluated AS notEvaluated, snapshot, stratum`;
export const AssessedEventRow = z.object({
  identity: z.string(),
  event: z.string(),
  uid: z.string(),
  at: z.number(),
  score: z.number(),
  p: z.number(),
  terms: z.string(),
  notEvaluated: z.string(),
  snapshot: z.string(),
  stratum: z.string(),
});

// Rows of our own making, validated when the event entered the line: parsing a million of them by schema again would take minutes.
export const eventOf = ({ event }: { readonly event: string }): AccessEvent => JSON.parse(event) as AccessEvent;
export const assessmentOf = (row: Omit<z.output<typeof AssessedEventRow>, 'event'>): Assessment => ({
  eventUid: row.uid,
  identity: row.identity,
  time: row.at,
  score: row.score,
  p: row.p,
  terms: decodeTerms(row.terms),
  notEvaluated: JSON.parse(row.notEvaluated) as Assessment['notEvaluated'],
  snapshot: row.snapshot,
  stratum: row.stratum,
});
