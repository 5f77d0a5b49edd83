import { DETECTIONS } from '@keyward/detections';
import { Policy } from '@keyward/response';
import { parseSod, type SodPolicy } from '@keyward/sod';
import { z } from 'zod';
import { UNUSUAL_BEHAVIOUR } from '../behaviour-finding.js';
import { compileDetectionSettings, type DetectionSettings } from '../detection-settings.js';

/** How the line decides: all that a backtest can change. */
export interface LineSettings {
  /** As in `KEYWARD_DETECTIONS_FILE`: detection id (or `unusual_behaviour`) -> parameters; what is missing has its default. */
  readonly detections: Readonly<Record<string, unknown>>;
  readonly sod: SodPolicy;
  readonly policy: Policy;
}

/** What somebody thinks of changing, in the words of the configuration it would go into. */
export const BacktestChange = z.strictObject({
  detections: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .default({})
    .describe('Detection id (or unusual_behaviour) -> parameters; those that are not named stay as they are'),
  sod: z.record(z.string(), z.unknown()).optional().describe('Another sod.json, whole'),
  policy: z.record(z.string(), z.unknown()).optional().describe('Another response policy, whole'),
});
export type BacktestChange = z.input<typeof BacktestChange>;

/** One value that the change changes. */
export interface Difference {
  /** `impossible_travel.minDistanceKm`, `sod`, `policy` */
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

export interface CompiledChange {
  readonly current: CompiledLine;
  readonly changed: CompiledLine;
  readonly differences: readonly Difference[];
  /** Detections that may find something else than before: their part of the history is folded again. */
  readonly detections: ReadonlySet<string>;
}
export interface CompiledLine {
  readonly written: Readonly<Record<string, unknown>>;
  readonly alertsPerThousand: number;
  readonly sod: SodPolicy;
  readonly policy: Policy;
}

export type CompileResult =
  | { readonly kind: 'change'; readonly change: CompiledChange }
  /** Each names what is wrong: `detections.impossible_travel.minDistanceKm: expected number`. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Detections that read the policy of duties. */
const READS_SOD = ['sod_conflict'];

/** Puts the change on what is in force, and checks it as a start of the line would. */
export function compileChange(current: LineSettings, wanted: unknown): CompileResult {
  const parsed = BacktestChange.safeParse(wanted);
  if (!parsed.success) return { kind: 'invalid', problems: problemsOf('', parsed.error) };
  const { detections, sod, policy } = parsed.data;
  const written = merged(current.detections, detections);
  const before = compileDetectionSettings(current.detections);
  const after = compileDetectionSettings(written);
  const duties = sod === undefined ? undefined : parseSod(JSON.stringify(sod));
  const response = policy === undefined ? undefined : Policy.safeParse(policy);
  const problems = [
    ...invalid('in force: detections', before),
    ...invalid('detections', after),
    ...(duties?.kind === 'invalid' ? duties.problems.map((problem) => `sod.${problem}`) : []),
    ...(response?.error ? problemsOf('policy', response.error) : []),
  ];
  if (before.kind === 'invalid' || after.kind === 'invalid' || problems.length > 0) return { kind: 'invalid', problems };
  const line = { written: current.detections, alertsPerThousand: before.alertsPerThousand, sod: current.sod, policy: current.policy };
  const changed: CompiledLine = {
    written,
    alertsPerThousand: after.alertsPerThousand,
    sod: duties?.kind === 'policy' ? duties.policy : current.sod,
    policy: response?.data ?? current.policy,
  };
  const differences = differencesOf(line, changed);
  if (differences.length === 0) return { kind: 'invalid', problems: ['nothing differs from what is in force'] };
  const reran = differences.flatMap(({ what }) =>
    what === 'sod' ? READS_SOD : DETECTIONS.filter(({ id }) => what.startsWith(`${id}.`)).map(({ id }) => id),
  );
  return { kind: 'change', change: { current: line, changed, differences, detections: new Set(reran) } };
}

/** Parameter by parameter: whoever tries one value does not repeat the others. */
function merged(current: LineSettings['detections'], change: Readonly<Record<string, Record<string, unknown>>>): Record<string, unknown> {
  const all: Record<string, unknown> = { ...current };
  for (const [id, params] of Object.entries(change)) {
    const before = all[id];
    all[id] = { ...(typeof before === 'object' ? before : {}), ...params };
  }
  return all;
}

function differencesOf(before: CompiledLine, after: CompiledLine): Difference[] {
  const found: Difference[] = [];
  const note = (what: string, from: unknown, to: unknown): void => {
    if (JSON.stringify(from) !== JSON.stringify(to)) found.push({ what, from: textOf(from), to: textOf(to) });
  };
  note(`${UNUSUAL_BEHAVIOUR}.alertsPerThousand`, before.alertsPerThousand, after.alertsPerThousand);
  for (const { id, params } of DETECTIONS) {
    const [from, to] = [before, after].map(({ written }) => recordOf(params.parse(written[id] ?? {})));
    for (const name of new Set([...Object.keys(from ?? {}), ...Object.keys(to ?? {})])) note(`${id}.${name}`, from?.[name], to?.[name]);
  }
  if (JSON.stringify(before.sod) !== JSON.stringify(after.sod))
    found.push({ what: 'sod', from: rulesOf(before.sod), to: rulesOf(after.sod) });
  if (JSON.stringify(before.policy) !== JSON.stringify(after.policy)) {
    found.push({ what: 'policy', from: rulesOf(before.policy), to: rulesOf(after.policy) });
  }
  return found;
}

const textOf = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));
const recordOf = (params: unknown): Record<string, unknown> => (typeof params === 'object' && params !== null ? { ...params } : {});
const rulesOf = ({ rules }: { readonly rules: readonly { readonly id: string }[] }): string =>
  rules.length === 0 ? 'no rules' : `${rules.length} rules: ${rules.map(({ id }) => id).join(', ')}`;

const invalid = (at: string, settings: DetectionSettings): string[] =>
  settings.kind === 'invalid' ? settings.problems.map((problem) => `${at}.${problem}`) : [];
const problemsOf = (at: string, error: z.ZodError): string[] =>
  error.issues.map((issue) => `${[at, ...issue.path].filter((part) => part !== '').join('.') || '(change)'}: ${issue.message}`);
