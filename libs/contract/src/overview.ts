import { z } from 'zod';
import { Severity } from '@keyward/events/schema';
import { IdentitySummary } from './identity-card.js';
import { Instant, Link, LinkedCount, Score } from './primitives.js';

export const OverviewQuery = z.object({
  hours: z.coerce
    .number()
    .int()
    .min(1)
    .max(24 * 90)
    .default(24 * 7),
});
export type OverviewQuery = z.infer<typeof OverviewQuery>;

export const RiskNow = z.object({
  highest: Score.describe('Risk of the riskiest identity'),
  bands: z
    .array(LinkedCount.extend({ severity: Severity, minRisk: Score }))
    .describe('Identities by band of risk, most severe first: critical from 90, high from 75, medium from 50, low from 25'),
  openAlerts: LinkedCount,
  openBySeverity: z.array(LinkedCount.extend({ severity: Severity })),
  newAlerts: LinkedCount.describe('Raised in the window'),
  events: LinkedCount.describe('In the window'),
  activeGrants: LinkedCount,
  awaitingApproval: LinkedCount,
  revoked: LinkedCount.describe('Verified revocations in the window'),
});
export type RiskNow = z.infer<typeof RiskNow>;

export const AlertBuckets = z.object({
  bucketMinutes: z.number().int(),
  buckets: z
    .array(
      z.object({
        from: Instant,
        to: Instant,
        counts: z.object({
          informational: z.number().int(),
          low: z.number().int(),
          medium: z.number().int(),
          high: z.number().int(),
          critical: z.number().int(),
        }),
        link: Link,
      }),
    )
    .describe('Every bucket of the window, oldest first, also empty ones'),
});
export type AlertBuckets = z.infer<typeof AlertBuckets>;

/** Sign-ins of everybody by hour of week, in UTC. */
export const LoginRhythm = z.object({
  cells: z
    .array(
      z.object({
        weekday: z.number().int().min(1).max(7).describe('1 is Monday'),
        hour: z.number().int().min(0).max(23),
        events: z.number().int(),
        failures: z.number().int(),
        maxScore: Score,
        link: Link,
      }),
    )
    .describe('168: Monday 0 h first'),
});
export type LoginRhythm = z.infer<typeof LoginRhythm>;

export const MapPoint = z.object({
  country: z.string(),
  city: z.string().nullable(),
  lat: z.number(),
  lon: z.number(),
  events: z.number().int(),
  identities: z.number().int(),
  maxScore: Score,
  link: Link,
});
export type MapPoint = z.infer<typeof MapPoint>;

/** The pipeline, now. */
export const Pulse = z.object({
  at: Instant,
  eventsPerSecond: z.number().describe('Over the last minute of arrival'),
  sources: z.array(
    z.object({
      source: z.string(),
      kept: z.number().int().describe('In the last 24 hours'),
      ignored: z.number().int(),
      rejected: z.number().int(),
      perSecond: z.number(),
      lastArrival: Instant.nullable().describe('When its newest records were counted'),
      lastEventTime: Instant.nullable(),
      ignoredReasons: z.record(z.string(), z.number().int()),
      rejectedCodes: z.record(z.string(), z.number().int()),
      link: Link,
    }),
  ),
  lag: z
    .array(z.object({ group: z.string(), topic: z.string(), records: z.number().int() }))
    .nullable()
    .describe('Records not yet worked through, by consumer group; null when the bus does not say'),
  deliveries: z.object({ pending: z.number().int(), failed: z.number().int() }),
  unreadable: z
    .array(z.object({ stage: z.string(), records: z.number().int() }))
    .describe('Records between the stages that were none of the line, in the last 24 hours, by the stage that met them'),
});
export type Pulse = z.infer<typeof Pulse>;

export const Overview = z.object({
  from: Instant,
  to: Instant,
  risk: RiskNow,
  alerts: AlertBuckets,
  topIdentities: z.array(IdentitySummary).describe('Riskiest first, at most 10'),
  logins: LoginRhythm,
  map: z.array(MapPoint).describe('At most 300, most events first'),
  pulse: Pulse,
});
export type Overview = z.infer<typeof Overview>;
