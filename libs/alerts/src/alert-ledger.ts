import { HOUR_MS } from '@keyward/events';
import { z } from 'zod';
import { AlertEvidence, RiskContribution } from './alert.js';
import { Severity } from '@keyward/events';

/** Findings that an alert keeps in full; the others live in `findings`, and are counted. */
export const MAX_EVIDENCE = 20;
/** Ids that an alert lists; enough to open a story, bounded when a spray makes thousands. */
export const MAX_LISTED_IDS = 200;
/** Finding ids remembered per identity, newest last. A repeat comes from a replay of minutes, not of years. */
export const MAX_SEEN = 1024;
/** Alerts of one identity that may still grow. */
export const MAX_GROUPS = 32;

/** An alert that may still grow. */
export const AlertGroup = z.object({
  uid: z.string(),
  dedupeKey: z.string().describe('Of the finding that opened it'),
  anchor: z.number().int().describe('Event time of the finding that opened it: where its window begins, so it never moves'),
  firstTime: z.number().int(),
  lastTime: z.number().int(),
  version: z.number().int().positive().describe('How many findings it has: the same, however they were batched'),
  notifiedSeverity: Severity.describe('Worst severity a receiver has been told of'),
  keys: z
    .record(z.string(), z.object({ count: z.number().int().positive(), firstTime: z.number().int(), lastTime: z.number().int() }))
    .describe('By dedupe key'),
  evidence: z.array(AlertEvidence),
  detections: z.array(z.string()),
  attack: z.array(z.string()),
  sources: z.array(z.string()),
  findingUids: z.array(z.string()),
  eventUids: z.array(z.string()),
  grantUids: z.array(z.string()),
});
export type AlertGroup = z.infer<typeof AlertGroup>;

/** What ALERT keeps of one identity. Plain JSON, bounded (a few KB; 32 alerts of 20 findings at the very most). */
export const AlertLedger = z.object({
  latestTime: z.number().int().describe('Newest event time seen, epoch ms; 0 before the first finding'),
  contributions: z.array(RiskContribution),
  groups: z.array(AlertGroup),
  seen: z.array(z.string()).describe('Uids of findings already folded'),
});
export type AlertLedger = z.infer<typeof AlertLedger>;

export const initialAlertLedger = (): AlertLedger => ({ latestTime: 0, contributions: [], groups: [], seen: [] });

export interface GroupingOptions {
  /** Findings with the same dedupe key are one alert for this long, event time, counted from the first: a spray that runs for days makes one alert a day. */
  readonly dedupeWindowMs: number;
  /**
   * Findings of different detections join when they are this close to the alert's others. An hour holds one intrusion (sign-in, activation, use)
   * together and keeps a morning's and an evening's story apart.
   */
  readonly joinWindowMs: number;
}
export const DEFAULT_GROUPING: GroupingOptions = { dedupeWindowMs: 24 * HOUR_MS, joinWindowMs: HOUR_MS };
