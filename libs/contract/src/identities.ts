import { z } from 'zod';
import { RiskContributionView } from './findings.js';
import { IdentityCard, IdentityKind, IdentitySummary } from './identity-card.js';
import { Instant, Link, listOf, pageOf, PageQuery, Score } from './primitives.js';

export const IdentityPage = pageOf(IdentitySummary);
export type IdentityPage = z.infer<typeof IdentityPage>;
export const IdentityQuery = PageQuery.extend({
  text: z.string().max(200).optional().describe('Part of name, id, mail address, team or account, in any case'),
  kind: listOf(IdentityKind).optional(),
  privileged: z.stringbool().optional(),
  minRisk: z.coerce.number().min(0).max(100).optional().describe('Inclusive'),
  maxRisk: z.coerce.number().min(0).max(100).optional().describe('Exclusive'),
  sort: z.enum(['risk', 'name', 'last_seen']).default('risk'),
});
export type IdentityQuery = z.infer<typeof IdentityQuery>;

export const IdentityDetail = z.object({
  card: IdentityCard,
  accounts: z.array(z.object({ system: z.string(), name: z.string(), lastSeen: Instant.nullable(), events: z.number().int(), link: Link })),
  groups: z.array(z.string()).describe('Own ones and those they are nested in'),
  peerGroups: z.array(z.string()).describe('Most specific first'),
  eligibleRoles: z.array(z.string()),
  startsAt: z.string().nullable(),
  endsAt: z.string().nullable(),
  contributions: z.array(RiskContributionView).describe('Of the risk now, largest first'),
  tickets: z.array(z.object({ id: z.string(), kind: z.string(), summary: z.string().nullable() })).describe('Open now, own or of the team'),
});
export type IdentityDetail = z.infer<typeof IdentityDetail>;

export const DaysQuery = z.object({ days: z.coerce.number().int().min(1).max(400).default(30) });
export type DaysQuery = z.infer<typeof DaysQuery>;

/** Entity risk over time: one point at each change and one a day, sorted by time. */
export const RiskHistory = z.object({
  points: z.array(z.object({ at: Instant, risk: Score, findingUid: z.string().nullable(), title: z.string().nullable() })),
});
export type RiskHistory = z.infer<typeof RiskHistory>;

/** Sign-ins by hour of week. `weekday` 1 is Monday. */
export const RhythmCell = z.object({
  weekday: z.number().int().min(1).max(7),
  hour: z.number().int().min(0).max(23),
  usual: z.number().nonnegative().describe('Events a week in this hour, over the weeks before'),
  recent: z.number().int().nonnegative().describe('Events in this hour in the last seven days'),
});
export const Rhythm = z.object({
  timezone: z.string().describe('IANA name that hours and weekdays are in'),
  usualFrom: Instant,
  recentFrom: Instant,
  to: Instant,
  usualWeeks: z.number().describe('How many weeks `usual` is averaged over; 0 when nothing is known yet'),
  cells: z.array(RhythmCell).describe('168: Monday 0 h first'),
});
export type Rhythm = z.infer<typeof Rhythm>;

export const USAGE_KINDS = ['network', 'device', 'resource', 'application', 'country'] as const;
export const UsageKind = z.enum(USAGE_KINDS);
export type UsageKind = z.infer<typeof UsageKind>;
export const UsageQuery = DaysQuery.extend({ kind: UsageKind });
export type UsageQuery = z.infer<typeof UsageQuery>;
export const Usage = z.object({
  kind: UsageKind,
  items: z
    .array(
      z.object({
        value: z.string(),
        detail: z.string().nullable().describe('Network: owner and city. Resource: its kind'),
        events: z.number().int(),
        share: z.number().describe('Of the events that have such a value, in [0, 1]'),
        failures: z.number().int(),
        firstSeen: Instant,
        lastSeen: Instant,
        maxScore: Score,
        recent: z.boolean().describe('First seen in the last seven days'),
        link: Link,
      }),
    )
    .describe('Most used first, at most 100'),
});
export type Usage = z.infer<typeof Usage>;

/** Members of the most specific peer group, riskiest first. */
export const PeerList = z.object({ group: z.string(), size: z.number().int(), items: z.array(IdentitySummary) });
export type PeerList = z.infer<typeof PeerList>;
