import { z } from 'zod';
import { Severity } from '@keyward/events/schema';
import { IdentityRef, Instant, Score } from './primitives.js';

/** One feature's share of a score: observed against usual. */
export const Term = z.object({
  feature: z.string(),
  observed: z.string(),
  usual: z.array(z.object({ value: z.string(), share: z.number() })).describe('Most frequent values, at most 3; shares in [0, 1]'),
  evidence: z.number().describe('Nats'),
  p: z.number(),
  share: z.number().describe('Of the combined score, in [0, 1]'),
  counts: z.object({ person: z.number(), peers: z.number(), all: z.number() }).describe('How often the value was seen'),
  confidence: z.number().describe('How far the person rather than the peers speak, in [0, 1]'),
  factors: z.array(z.object({ name: z.string(), factor: z.number() })),
  scoreWithout: Score.describe('The score if this term were usual'),
  sentence: z.string(),
});
export type Term = z.infer<typeof Term>;

export const FindingView = z.object({
  uid: z.string(),
  detection: z.string(),
  title: z.string(),
  kind: z.enum(['rule', 'behaviour', 'sod']),
  severity: Severity,
  attack: z.array(z.string()).describe('MITRE ATT&CK technique ids'),
  identity: IdentityRef,
  source: z.string(),
  time: Instant,
  eventUid: z.string(),
  eventUids: z.array(z.string()),
  p: z.number(),
  sentence: z.string(),
  observed: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
  grantUids: z.array(z.string()),
  explanation: z.array(z.string()),
  terms: z.array(Term).describe("Terms of its completing event's score, strongest first; empty when that event was not scored"),
});
export type FindingView = z.infer<typeof FindingView>;

/** What one finding adds to an identity's risk. */
export const RiskContributionView = z.object({
  findingUid: z.string(),
  detection: z.string(),
  title: z.string(),
  at: Instant,
  evidence: z.number().describe('Nats before decay'),
  halfLifeDays: z.number(),
  share: z.number().describe('Of the risk now, in [0, 1]'),
  alertUid: z.string().nullable(),
  eventUid: z.string().nullable(),
});
export type RiskContributionView = z.infer<typeof RiskContributionView>;
