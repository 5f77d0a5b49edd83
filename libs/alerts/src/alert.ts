import { z } from 'zod';
import { Severity } from '@keyward/events';

/** What one finding adds to an identity's risk. R is a pure function of these and the time asked for. */
export const RiskContribution = z.object({
  findingUid: z.string(),
  detection: z.string(),
  at: z.number().int(),
  evidence: z.number().nonnegative().describe('-ln p, nats, before decay'),
  halfLifeDays: z.number().positive(),
});
export type RiskContribution = z.infer<typeof RiskContribution>;

/** One finding as its alert keeps it: what a person reads and a SIEM exports. */
export const AlertEvidence = z.object({
  findingUid: z.string(),
  detection: z.string(),
  title: z.string(),
  kind: z.enum(['rule', 'behaviour', 'sod']),
  severity: Severity,
  source: z.string(),
  time: z.number().int().describe('Event time, epoch ms'),
  p: z.number().min(0).max(1),
  dedupeKey: z.string(),
  sentence: z.string(),
  observed: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
  explanation: z.array(z.string()),
  attack: z.array(z.string()),
  eventUids: z.array(z.string()),
  grantUids: z.array(z.string()),
});
export type AlertEvidence = z.infer<typeof AlertEvidence>;

/** Findings of one identity that belong together: what an analyst triages and a SIEM receives. */
export const Alert = z.object({
  uid: z.string(),
  version: z.number().int().positive().describe('Grows when findings are added; the newest row is the alert'),
  identity: z.string(),
  displayName: z.string(),
  title: z.string(),
  severity: Severity,
  score: z.number().min(0).max(100).describe("How alarming the alert's own findings are"),
  entityRisk: z.number().min(0).max(100).describe("The identity's decayed risk at `lastTime`, with its multipliers"),
  contributions: z.array(RiskContribution.extend({ share: z.number().min(0).max(1) })),
  firstTime: z.number().int(),
  lastTime: z.number().int(),
  dedupeKey: z.string(),
  detections: z.array(z.string()),
  attack: z.array(z.string()),
  findingUids: z.array(z.string()),
  eventUids: z.array(z.string()),
  grantUids: z.array(z.string()),
  sources: z.array(z.string()),
  explanation: z.array(z.string()).describe('Plain sentences, strongest first'),
  evidence: z.array(AlertEvidence).optional().describe('Its strongest findings, strongest first, at most 20'),
  isOver: z.boolean().optional().describe('What it tells of has ended by itself; absent: it has not, or can not'),
  notify: z.boolean().describe('True when this version is new to a receiver: created, or more severe than before'),
});
export type Alert = z.infer<typeof Alert>;

/** Life cycle, set by analysts, never by the pipeline. */
export const AlertStatus = z.enum(['new', 'in_progress', 'resolved', 'false_positive', 'expected']);
export type AlertStatus = z.infer<typeof AlertStatus>;
