import { readFileSync } from 'node:fs';
import { parseMapping, parsePolicy } from '@keyward/response';
import { InvalidInputError } from '@keyward/runtime';
import { parseSod } from '@keyward/sod';

/** How a change is given on the command line; later ones win over `config`. */
export interface ChangeArguments {
  readonly config?: string;
  readonly budget?: string;
  readonly set?: readonly string[];
  readonly sod?: string;
  readonly policy?: string;
}

interface Change {
  detections: Record<string, Record<string, unknown>>;
  sod?: unknown;
  policy?: unknown;
  [unknown: string]: unknown;
}

/**
 * The change as its schema takes it (`compileChange` checks it). A file of duties or a policy is read as the line reads it, so that its problems come
 * with their lines.
 *
 * @throws InvalidInputError `backtest.change`, `backtest.file`
 */
export function changeOf({ config, budget, set = [], sod, policy }: ChangeArguments): Readonly<Record<string, unknown>> {
  const { detections, ...rest } = config === undefined ? {} : mappingOf(config);
  const change: Change = { ...rest, detections: detectionsOf(detections, config ?? '') };
  for (const assignment of budget === undefined ? set : [...set, `unusual_behaviour.alertsPerThousand=${budget}`])
    assign(change, assignment);
  if (sod !== undefined) change.sod = dutiesOf(sod);
  if (policy !== undefined) change.policy = policyOf(policy);
  return change;
}

/** Parameters of `KEYWARD_DETECTIONS_FILE`. @throws InvalidInputError `backtest.file` */
export const mappingOf = (file: string): Readonly<Record<string, unknown>> => {
  const parsed = parseMapping(textOf(file));
  if (parsed.ok) return parsed.mapping;
  throw new InvalidInputError('backtest.file', `${file}: ${parsed.message}`);
};

function detectionsOf(value: unknown, file: string): Record<string, Record<string, unknown>> {
  const named: Record<string, Record<string, unknown>> = {};
  for (const [id, params] of Object.entries(isRecord(value) ? value : {})) {
    if (!isRecord(params))
      throw new InvalidInputError('backtest.change', `${file}: detections.${id} takes parameters, "name: value" each.`);
    named[id] = params;
  }
  if (value === undefined || isRecord(value)) return named;
  throw new InvalidInputError('backtest.change', `${file}: detections is a mapping of detection ids.`);
}
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `impossible_travel.minDistanceKm=700` */
function assign({ detections }: Change, text: string): void {
  const match = /^([a-z0-9_]+)\.(\w+)=(.+)$/s.exec(text);
  const [, id = '', name = '', value = ''] = match ?? [];
  if (!match) throw new InvalidInputError('backtest.change', `--set takes <detection>.<parameter>=<value>, not ${text}`);
  detections[id] = { ...detections[id], [name]: valueOf(value) };
}

/** JSON where it is some, else the text itself. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** @throws InvalidInputError `backtest.file` */
export function policyOf(file: string): unknown {
  const parsed = parsePolicy(textOf(file));
  if (parsed.ok) return parsed.policy;
  throw new InvalidInputError('backtest.file', `${file}: ${parsed.message}`);
}

function dutiesOf(file: string): unknown {
  const parsed = parseSod(textOf(file));
  if (parsed.kind === 'policy') return parsed.policy;
  throw new InvalidInputError('backtest.file', `${file} can't be used:\n  ${parsed.problems.join('\n  ')}`);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidInputError('backtest.file', `${file} can't be read.`, { cause: error });
  }
}
