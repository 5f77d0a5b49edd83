import { z } from 'zod';
import { Severity } from '@keyward/events/schema';
import { AlertStatus } from './alerts.js';
import { EffectState, GrantState } from './grants.js';
import { Pulse } from './overview.js';
import { Instant } from './primitives.js';

/** What `GET /v1/stream` sends: server-sent events, `event:` is `kind`, `data:` the JSON of one of these. A comment line every 15 s keeps it open. */
export const StreamEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('alert'),
    uid: z.string(),
    version: z.number().int(),
    title: z.string(),
    identity: z.string(),
    severity: Severity,
    score: z.number(),
    lastTime: Instant,
  }),
  z.object({ kind: z.literal('alert_status'), uid: z.string(), status: AlertStatus, user: z.string() }),
  z.object({ kind: z.literal('grant'), uid: z.string(), identity: z.string(), state: GrantState, entitlement: z.string() }),
  z.object({ kind: z.literal('effect'), uid: z.string(), alertUid: z.string(), grantUid: z.string(), state: EffectState }),
  z.object({ kind: z.literal('pulse'), pulse: Pulse }),
]);
export type StreamEvent = z.infer<typeof StreamEvent>;
export type StreamEventKind = StreamEvent['kind'];
export const STREAM_EVENT_KINDS: readonly StreamEventKind[] = ['alert', 'alert_status', 'grant', 'effect', 'pulse'];
