import { z } from 'zod';
import { Severity } from '@keyward/events/schema';
import { EffectState } from './grants.js';
import { Instant, Score } from './primitives.js';

/** What somebody thinks of changing, in the words of the configuration it would go into. Checked against what is in force. */
export const BacktestChange = z.strictObject({
  detections: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .default({})
    .describe('Detection id (or unusual_behaviour) -> parameters; those that are not named stay as they are'),
  sod: z.record(z.string(), z.unknown()).optional().describe('Another sod.json, whole'),
  policy: z.record(z.string(), z.unknown()).optional().describe('Another response policy, whole'),
});

/** Days of one backtest: it shares the machine with everybody who works. */
export const MAX_BACKTEST_DAYS = 92;
export const NewBacktest = z.strictObject({
  from: Instant.describe('Inclusive, event time'),
  to: Instant.describe('Exclusive, event time'),
  change: BacktestChange,
  warmUpDays: z
    .number()
    .int()
    .min(0)
    .max(400)
    .default(90)
    .describe('Days of events that detections are given before `from`: rights and habits that began earlier are not known to them'),
});
export type NewBacktest = z.infer<typeof NewBacktest>;

/** One value of the configuration in force that a change may touch. Its unit is in its name. */
export const BacktestParameter = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('number'),
    name: z.string(),
    value: z.number().describe('In force'),
    default: z.number(),
    minimum: z.number().nullable(),
    isMinimumExcluded: z.boolean(),
    maximum: z.number().nullable(),
    isWhole: z.boolean(),
  }),
  z.object({ kind: z.literal('list'), name: z.string(), value: z.array(z.string()), default: z.array(z.string()) }),
  z.object({ kind: z.literal('json'), name: z.string(), value: z.unknown(), default: z.unknown() }).describe('Anything else, as JSON'),
]);
export type BacktestParameter = z.infer<typeof BacktestParameter>;

/** What is in force, in the words that a change is written in. */
export const BacktestSettings = z.object({
  detections: z
    .array(z.object({ id: z.string(), title: z.string(), parameters: z.array(BacktestParameter) }))
    .describe('unusual_behaviour, which holds the alert budget, first'),
  sod: z.record(z.string(), z.unknown()).describe('sod.json'),
  policy: z.record(z.string(), z.unknown()).describe('Response policy'),
});
export type BacktestSettings = z.infer<typeof BacktestSettings>;

export const BACKTEST_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
export const BacktestState = z.enum(BACKTEST_STATES);
export type BacktestState = z.infer<typeof BacktestState>;

const Label = z.enum(['genuine', 'not_genuine']).nullable().describe('What people said of it');
const Precision = z.object({
  genuine: z.number().int(),
  notGenuine: z.number().int(),
  unlabelled: z.number().int(),
  share: z.number().nullable().describe('Of the judged ones that were genuine; null: none was judged'),
  low: z.number().nullable().describe("Lower end of Wilson's 95 % interval"),
  high: z.number().nullable(),
});
const Side = z.object({
  alerts: z.number().int(),
  onBehaviour: z.number().int().describe('With nothing but unusual behaviour: those that the budget steers'),
  notifications: z.number().int().describe('Messages a receiver would have got'),
  identities: z.number().int(),
  bySeverity: z.record(Severity, z.number().int()),
  alertsPerThousand: z.number().describe('Budget: alerts on behaviour per 1000 identities and day'),
  precision: Precision,
  revocations: z.partialRecord(EffectState, z.number().int()).describe('First steps, by state'),
});
const Volume = z.object({
  day: z.iso.date(),
  current: z.number().int(),
  changed: z.number().int(),
  currentOnBehaviour: z.number().int(),
  changedOnBehaviour: z.number().int(),
  currentBudget: z.number(),
  changedBudget: z.number(),
});
const Counts = z.object({
  id: z.string(),
  current: z.number().int(),
  changed: z.number().int(),
  appeared: z.number().int(),
  disappeared: z.number().int(),
});
const AlertDifference = z.object({
  uid: z.string(),
  identity: z.string(),
  displayName: z.string(),
  title: z.string(),
  severity: Severity,
  score: Score,
  firstTime: Instant,
  lastTime: Instant,
  detections: z.array(z.string()),
  sentence: z.string().describe('The strongest'),
  reasons: z.array(z.string()).describe('Why it is on one side only'),
  label: Label,
});
const Revocation = z.object({
  alertUid: z.string(),
  identity: z.string(),
  entitlement: z.string(),
  rule: z.string(),
  mode: z.enum(['observe', 'approve', 'enforce']),
  state: EffectState,
  before: EffectState.nullable().describe('What becomes of it now; null: nothing was meant to be taken'),
  guard: z.string().nullable(),
  at: Instant,
});

/** What the change would have done; lists hold at most 500 entries, counts are of all. */
export const BacktestResult = z.object({
  from: Instant,
  to: Instant,
  changes: z.array(z.object({ what: z.string(), from: z.string(), to: z.string() })),
  read: z.object({ events: z.number().int(), findings: z.number().int() }),
  people: z.number().int().describe('Most identities that acted on one day'),
  current: Side,
  changed: Side,
  days: z.array(Volume),
  weeks: z.array(Volume),
  detections: z.array(Counts),
  identities: z.array(Counts.extend({ displayName: z.string() })).describe('Most differences first'),
  appeared: z.array(AlertDifference),
  disappeared: z.array(AlertDifference),
  altered: z.array(
    AlertDifference.extend({ before: z.object({ uid: z.string(), severity: Severity, score: Score, detections: z.array(z.string()) }) }),
  ),
  counts: z.object({
    appeared: z.number().int(),
    disappeared: z.number().int(),
    altered: z.number().int(),
    identities: z.number().int(),
  }),
  revocations: z.object({ appeared: z.array(Revocation), disappeared: z.array(Revocation) }),
  fidelity: z
    .object({ stored: z.number().int(), repeated: z.number().int(), missing: z.number().int(), additional: z.number().int() })
    .describe('Stored findings that the present configuration finds again'),
  notes: z.array(z.string()),
});
export type BacktestResult = z.infer<typeof BacktestResult>;

export const BacktestSummary = z.object({
  id: z.string(),
  state: BacktestState,
  author: z.string(),
  createdAt: Instant,
  updatedAt: Instant,
  from: Instant,
  to: Instant,
  change: z.record(z.string(), z.unknown()).describe('As it was asked for'),
  progress: z
    .object({ phase: z.enum(['detections', 'alerts']), done: z.number(), of: z.number() })
    .nullable()
    .describe('Events folded again, or milliseconds of the span'),
  error: z.string().nullable(),
});
export type BacktestSummary = z.infer<typeof BacktestSummary>;
export const BacktestDetail = BacktestSummary.extend({ result: BacktestResult.nullable().describe('Once it is done') });
export type BacktestDetail = z.infer<typeof BacktestDetail>;
export const BacktestList = z.object({ items: z.array(BacktestSummary).describe('Newest first, at most 50') });
export type BacktestList = z.infer<typeof BacktestList>;
