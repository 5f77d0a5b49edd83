import { z } from 'zod';
import { AccessEvent, EventClass, Outcome } from '@keyward/events/schema';
import { FindingView, Term } from './findings.js';
import { IdentityRef, Instant, listOf, pageOf, PageQuery, Score, TimeZone } from './primitives.js';

/** One event as lists and timelines show it. Text is as the vendor wrote it: never markup. */
export const EventSummary = z.object({
  uid: z.string(),
  time: Instant,
  source: z.string(),
  class: EventClass,
  activity: z.string(),
  code: z.string().describe("The vendor's own name of the operation"),
  outcome: Outcome,
  identity: IdentityRef,
  account: z.string().nullable().describe('Login of the actor in the source'),
  target: z.string().nullable().describe('Account that was acted on'),
  ip: z.string().nullable(),
  network: z.string().nullable().describe('/24 or /48 of the address'),
  city: z.string().nullable(),
  country: z.string().nullable(),
  asOrg: z.string().nullable(),
  device: z.string().nullable(),
  application: z.string().nullable(),
  resource: z.string().nullable(),
  resourceKind: z.string().nullable(),
  detail: z.string().nullable(),
  score: Score,
  reason: z.string().nullable().describe('Sentence of the strongest term'),
});
export type EventSummary = z.infer<typeof EventSummary>;
export const EventPage = pageOf(EventSummary);
export type EventPage = z.infer<typeof EventPage>;

export const EventQuery = PageQuery.extend({
  identity: z.string().optional().describe('Acted, or was acted on'),
  actor: z.string().optional().describe('Identity that acted'),
  account: z.string().optional().describe('Login of the acting account, as the source writes it'),
  alert: z.string().optional().describe('Uid of an alert: the events that it stands on'),
  source: listOf(z.string()).optional(),
  class: listOf(EventClass).optional(),
  activity: z.string().optional().describe('OCSF activity, e.g. `logon`'),
  outcome: Outcome.optional(),
  from: Instant.optional().describe('Inclusive; default: 30 days before `to`'),
  to: Instant.optional().describe('Exclusive; default: the newest event'),
  ip: z.string().optional(),
  network: z.string().optional(),
  country: z.string().optional(),
  city: z.string().optional(),
  resource: z.string().optional(),
  application: z.string().optional(),
  device: z.string().optional(),
  weekday: z.coerce.number().int().min(1).max(7).optional().describe('1 is Monday, in `timezone`'),
  hour: z.coerce.number().int().min(0).max(23).optional().describe('Hour of day, in `timezone`'),
  timezone: TimeZone.optional().describe('What `weekday` and `hour` are read in; default: UTC'),
  minScore: z.coerce.number().min(0).max(100).optional(),
  text: z.string().max(200).optional().describe('Part of account, address, resource, operation or detail, in any case'),
  sort: z.enum(['newest', 'oldest', 'score']).default('newest'),
});
export type EventQuery = z.infer<typeof EventQuery>;

export const EventDetail = z.object({
  summary: EventSummary,
  event: AccessEvent,
  ocsf: z.record(z.string(), z.unknown()).nullable().describe('The event as OCSF 1.8 JSON'),
  score: Score,
  p: z.number(),
  terms: z.array(Term).describe('Strongest first'),
  notEvaluated: z.array(z.object({ feature: z.string(), why: z.string() })),
  snapshot: z.string(),
  stratum: z.string(),
  findings: z.array(FindingView),
  alerts: z.array(z.object({ uid: z.string(), title: z.string() })),
});
export type EventDetail = z.infer<typeof EventDetail>;
