import type { BacktestParameter, BacktestSettings, NewBacktest } from '@keyward/contract';

/** What somebody has typed into the form: text, until it is asked for. */
export interface ChangeDraft {
  /** `<detection>.<parameter>` -> text of its field; what is not in it stays as it is. */
  readonly values: Readonly<Record<string, string>>;
  /** Text of another sod.json or response policy; undefined: as it is. */
  readonly sod?: string | undefined;
  readonly policy?: string | undefined;
}
export type Change = NewBacktest['change'];

export interface DraftedChange {
  readonly change: Change;
  /** Field -> what is wrong with its text. */
  readonly problems: Readonly<Record<string, string>>;
  /** What it changes, in words: empty when nothing differs from what is in force. */
  readonly differences: readonly Difference[];
}
export interface Difference {
  readonly key: string;
  readonly from: string;
  readonly to: string;
}

export const NO_CHANGE: ChangeDraft = { values: {} };
export const fieldKey = (detection: string, parameter: string): string => `${detection}.${parameter}`;

/** Text of a field for a value that is in force. */
export function textOfValue(parameter: Pick<BacktestParameter, 'kind' | 'value'>): string {
  if (parameter.kind === 'list' && Array.isArray(parameter.value)) return parameter.value.join(', ');
  return parameter.kind === 'number' ? String(parameter.value) : JSON.stringify(parameter.value);
}

/** Turns what was typed into a change, or says field by field what is wrong with it. What is typed as it stands is no change. Pure. */
export function draftedChange(draft: ChangeDraft, settings: BacktestSettings): DraftedChange {
  const detections: Record<string, Record<string, unknown>> = {};
  const problems: Record<string, string> = {};
  const differences: Difference[] = [];
  for (const { id, parameters } of settings.detections) {
    for (const parameter of parameters) {
      const key = fieldKey(id, parameter.name);
      const text = draft.values[key];
      if (text === undefined || text.trim() === textOfValue(parameter)) continue;
      const read = readValue(parameter, text);
      if ('problem' in read) problems[key] = read.problem;
      else if (JSON.stringify(read.value) !== JSON.stringify(parameter.value)) {
        detections[id] = { ...detections[id], [parameter.name]: read.value };
        differences.push({ key, from: textOfValue(parameter), to: text.trim() === '' ? 'none' : text.trim() });
      }
    }
  }
  const change: Change = { detections };
  for (const name of ['sod', 'policy'] as const) {
    const text = draft[name];
    if (text === undefined) continue;
    const read = readRecord(text);
    if ('problem' in read) problems[name] = read.problem;
    else if (JSON.stringify(read.value) !== JSON.stringify(settings[name])) {
      change[name] = read.value;
      differences.push({ key: name, from: 'as it is', to: 'as written below' });
    }
  }
  return { change, problems, differences };
}

type Read<Value> = { readonly value: Value } | { readonly problem: string };

function readValue(parameter: BacktestParameter, text: string): Read<unknown> {
  switch (parameter.kind) {
    case 'number':
      return readNumber(parameter, text.trim());
    case 'list':
      return {
        value: text
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== ''),
      };
    case 'json':
      return readJson(text);
  }
}

function readNumber(parameter: Extract<BacktestParameter, { kind: 'number' }>, text: string): Read<number> {
  const value = Number(text.replace(',', '.'));
  const { minimum, maximum, isMinimumExcluded, isWhole } = parameter;
  if (text === '' || !Number.isFinite(value)) return { problem: 'A number is needed.' };
  if (isWhole && !Number.isInteger(value)) return { problem: 'A whole number is needed.' };
  if (minimum !== null && (isMinimumExcluded ? value <= minimum : value < minimum))
    return { problem: isMinimumExcluded ? `More than ${minimum}.` : `At least ${minimum}.` };
  if (maximum !== null && value > maximum) return { problem: `At most ${maximum}.` };
  return { value };
}

function readJson(text: string): Read<unknown> {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: `Not JSON: ${error instanceof Error ? error.message : 'it cannot be read'}.` };
  }
}

function readRecord(text: string): Read<Record<string, unknown>> {
  const read = readJson(text);
  if ('problem' in read) return read;
  const { value } = read;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'A JSON object is needed: { … }.' };
  return { value: { ...value } };
}

/** The draft that an earlier backtest was asked with, so that it can be asked again with a difference. */
export function draftOf(change: Readonly<Record<string, unknown>>): ChangeDraft {
  const values: Record<string, string> = {};
  for (const [detection, parameters] of entriesOf(change['detections']))
    for (const [name, value] of entriesOf(parameters)) values[fieldKey(detection, name)] = textOf(value);
  const { sod, policy } = change;
  return {
    values,
    ...(sod === undefined ? {} : { sod: JSON.stringify(sod, null, 2) }),
    ...(policy === undefined ? {} : { policy: JSON.stringify(policy, null, 2) }),
  };
}

/** What a stored change says, one entry a value: `['impossible_travel.minDistanceKm', '300']`. */
export function changeEntries(change: Readonly<Record<string, unknown>>): readonly (readonly [key: string, to: string])[] {
  const { values, sod, policy } = draftOf(change);
  return [
    ...Object.entries(values),
    ...(sod === undefined ? [] : [['sod', 'another one'] as const]),
    ...(policy === undefined ? [] : [['policy', 'another one'] as const]),
  ];
}

const entriesOf = (value: unknown): [string, unknown][] => (typeof value === 'object' && value !== null ? Object.entries(value) : []);
function textOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'string') return String(value);
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ');
  return JSON.stringify(value);
}
