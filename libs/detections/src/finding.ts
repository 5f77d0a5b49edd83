import { z } from 'zod';
import { Severity } from '@keyward/events';

/** Something that a detection, a SoD rule or a score says about an identity at an instant. */
export const Finding = z.object({
  uid: z.string().describe('hash(detection, event uid): a replay gives the same'),
  detection: z.string(),
  title: z.string(),
  kind: z.enum(['rule', 'behaviour', 'sod']).describe('Decides the half-life of its risk: sod 30 days, others 7'),
  severity: Severity,
  attack: z.array(z.string()).describe('MITRE ATT&CK technique ids'),
  identity: z.string(),
  source: z.string(),
  time: z.number().int().describe('Event time, epoch ms'),
  eventUid: z.string().describe('The event that completed it'),
  eventUids: z.array(z.string()).describe('All events that it stands on, oldest first, at most 50'),
  p: z.number().min(0).max(1).describe('A rule carries a fixed floor; a behaviour finding the event score'),
  dedupeKey: z.string().describe('Findings of one identity with the same key within a window are one alert'),
  sentence: z.string().describe('What happened, in one plain sentence'),
  observed: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])).describe('Units in the names'),
  grantUids: z.array(z.string()).describe('Grants that are part of it: what RESPOND looks at first'),
  explanation: z.array(z.string()).describe('Further sentences: terms of the score, witness path'),
});
export type Finding = z.infer<typeof Finding>;
