import { z } from 'zod';
import { Severity } from '@keyward/events/schema';
import { EventSummary } from './events.js';
import { FindingView, RiskContributionView } from './findings.js';
import { EffectState, EffectView, GrantView } from './grants.js';
import { IdentityCard } from './identity-card.js';
import { IdentityRef, Instant, listOf, Note, pageOf, PageQuery, Score } from './primitives.js';

/** Life cycle, set by analysts. */
export const ALERT_STATUSES = ['new', 'in_progress', 'resolved', 'false_positive', 'expected'] as const;
export const AlertStatus = z.enum(ALERT_STATUSES);
export type AlertStatus = z.infer<typeof AlertStatus>;
/** Those that somebody still has to look at. */
export const OPEN_ALERT_STATUSES: readonly AlertStatus[] = ['new', 'in_progress'];

export const AlertSummary = z.object({
  uid: z.string(),
  version: z.number().int(),
  identity: IdentityRef,
  title: z.string(),
  severity: Severity,
  score: Score,
  entityRisk: Score.describe("The identity's risk at `lastTime`"),
  firstTime: Instant,
  lastTime: Instant,
  detections: z.array(z.string()),
  attack: z.array(z.string()),
  sources: z.array(z.string()),
  why: z.string().describe('The strongest sentence'),
  findings: z.number().int(),
  events: z.number().int(),
  grants: z.number().int(),
  status: AlertStatus,
  statusBy: z.string().nullable(),
  statusAt: Instant.nullable(),
  response: EffectState.nullable().describe('How far the newest revocation for it has come'),
});
export type AlertSummary = z.infer<typeof AlertSummary>;
export const AlertPage = pageOf(AlertSummary);
export type AlertPage = z.infer<typeof AlertPage>;

export const AlertQuery = PageQuery.extend({
  status: listOf(AlertStatus).optional(),
  severity: listOf(Severity).optional(),
  detection: listOf(z.string()).optional(),
  identity: z.string().optional(),
  source: listOf(z.string()).optional(),
  from: Instant.optional().describe('Inclusive, of the last event'),
  to: Instant.optional().describe('Exclusive, of the last event'),
  minScore: z.coerce.number().min(0).max(100).optional(),
  text: z.string().max(200).optional().describe('Part of title, identity, or explanation, in any case'),
  sort: z.enum(['newest', 'oldest', 'score', 'severity', 'risk']).default('newest'),
});
export type AlertQuery = z.infer<typeof AlertQuery>;

/** Somebody changed an alert's status, or wrote a note. */
export const AlertAction = z.object({
  uid: z.string(),
  alertUid: z.string(),
  at: Instant,
  user: z.string(),
  from: AlertStatus,
  to: AlertStatus,
  note: z.string(),
});
export type AlertAction = z.infer<typeof AlertAction>;
export const AlertActionList = z.object({ items: z.array(AlertAction) });
export type AlertActionList = z.infer<typeof AlertActionList>;

export const DeliveryView = z.object({
  id: z.string(),
  sink: z.string(),
  state: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.number().int(),
  lastError: z.string().nullable(),
  updatedAt: Instant,
});
export type DeliveryView = z.infer<typeof DeliveryView>;

export const AlertDetail = z.object({
  alert: AlertSummary,
  explanation: z.array(z.string()).describe('Plain sentences, strongest first'),
  contributions: z.array(RiskContributionView).describe("Shares of the identity's risk, largest first"),
  findings: z.array(FindingView),
  timeline: z.array(EventSummary).describe('Events the findings stand on, oldest first'),
  grants: z.array(GrantView),
  effects: z.array(EffectView),
  actions: z.array(AlertAction).describe('Newest first'),
  deliveries: z.array(DeliveryView),
  identity: IdentityCard,
});
export type AlertDetail = z.infer<typeof AlertDetail>;

export const AlertStatusChange = z.object({ status: AlertStatus, note: Note.default('') });
export type AlertStatusChange = z.infer<typeof AlertStatusChange>;
export const MAX_BULK = 500;
export const BulkAlertStatusChange = AlertStatusChange.extend({ uids: z.array(z.string().min(1).max(64)).min(1).max(MAX_BULK) });
export type BulkAlertStatusChange = z.infer<typeof BulkAlertStatusChange>;
export const BulkResult = z.object({ changed: z.array(z.string()), unchanged: z.array(z.string()), notFound: z.array(z.string()) });
export type BulkResult = z.infer<typeof BulkResult>;

/** Values that filters can take, with the open alerts behind each. */
export const AlertFacets = z.object({
  status: z.array(z.object({ value: AlertStatus, count: z.number().int() })),
  severity: z.array(z.object({ value: Severity, count: z.number().int() })).describe('Of open alerts'),
  detection: z.array(z.object({ value: z.string(), count: z.number().int() })).describe('Of open alerts'),
  source: z.array(z.object({ value: z.string(), count: z.number().int() })).describe('Of open alerts'),
});
export type AlertFacets = z.infer<typeof AlertFacets>;
